-- The grades of all findings.

INSERT INTO graded FROM grading;
