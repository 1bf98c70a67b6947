-- Just some of the units are graded at a time.
DELETE FROM unit WHERE unit NOT BETWEEN getvariable('first_unit') AND getvariable('last_unit');

DELETE FROM monthwise WHERE unit NOT BETWEEN getvariable('first_unit') AND getvariable('last_unit');
