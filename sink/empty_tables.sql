-- Empties what sluice-sink has stored, so that it reads `orders` from the beginning and fills the tables anew: after `orders` was
-- written anew or belongs to other topics. Stop every sink of this database first, and start them afterwards:
--
--   mariadb sluice < sink/empty_tables.sql
--
-- All tables or none: `refusals` is added to, so what a table still holds would be counted twice. The positions come last: should this
-- be cut short, the sinks go on refusing until it is run again.

TRUNCATE TABLE orders;
TRUNCATE TABLE payments;
TRUNCATE TABLE sales;
TRUNCATE TABLE order_history;
TRUNCATE TABLE refusals;
TRUNCATE TABLE positions;
