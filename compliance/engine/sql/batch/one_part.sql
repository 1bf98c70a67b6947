-- There was just one part.
INSERT INTO summed SELECT unit, fact, frame, total, months, found FROM part;
