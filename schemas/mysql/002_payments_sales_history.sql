-- What sluice-sink keeps of the topic `orders` besides the orders themselves, for MySQL 8 and MariaDB 10.6 or newer. Applying it
-- again changes nothing:
--
--   mariadb sluice < schemas/mysql/002_payments_sales_history.sql
--
-- Text and times are as in 001_orders.sql. `version` is always the position (generation, offset) of the intent that last changed
-- the row, within the row's partition. All tables move together with table positions, in one transaction.

CREATE TABLE IF NOT EXISTS payments (
  id             VARCHAR(64) NOT NULL
    COMMENT 'The gateway''s',
  `partition`    SMALLINT UNSIGNED NOT NULL
    COMMENT 'Of the intent that brought it. A gateway that gives one id to payments of two partitions'' orders makes two rows',
  version        BIGINT UNSIGNED NOT NULL
    COMMENT 'Position of the intent that last changed the payment; a row only ever moves to a higher one',
  order_id       BIGINT UNSIGNED NULL
    COMMENT 'The order that it named, an alias resolved; NULL: it named no order of ours',
  amount_minor   BIGINT NOT NULL
    COMMENT 'As paid, in minor units of the currency (cents, fen)',
  currency       CHAR(3) NOT NULL
    COMMENT 'ISO 4217',
  `end`          ENUM('paid', 'refund_due') NOT NULL
    COMMENT 'paid: it paid its order. refund_due: the money goes back, or went back',
  refund_reason  VARCHAR(32) NULL
    COMMENT 'With refund_due: why, e.g. paid_too_late (Reason in schemas/order_record.proto, in small letters)',
  refund_settled BOOLEAN NOT NULL
    COMMENT 'Whether the gateway has paid it back. Still to be paid back: `end` = ''refund_due'' AND NOT refund_settled',
  ticket         BIGINT UNSIGNED NOT NULL
    COMMENT 'Of the intent that brought it',
  created_ms     BIGINT NOT NULL
    COMMENT 'Log time of the intent that brought it',
  changed_ms     BIGINT NOT NULL
    COMMENT 'Log time of the intent that last changed it',
  PRIMARY KEY (id, `partition`),
  KEY by_order (order_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'One row per verified payment, with the one end that it came to';

CREATE TABLE IF NOT EXISTS sales (
  sku            VARCHAR(64) NOT NULL
    COMMENT 'What is sold',
  `partition`    SMALLINT UNSIGNED NOT NULL
    COMMENT 'Where the SKU''s intents and orders are',
  version        BIGINT UNSIGNED NOT NULL
    COMMENT 'Position of the intent that last changed the stock or the terms; a row only ever moves to a higher one',
  sale_id        VARCHAR(64) NOT NULL
    COMMENT 'The SKU''s present sale. One that followed another has overwritten its row',
  sale_version   INT UNSIGNED NOT NULL
    COMMENT 'Of the definition, from 1; an amendment has a higher one',
  title          VARCHAR(200) NOT NULL
    COMMENT 'For people',
  price_minor    BIGINT NOT NULL
    COMMENT 'Of one unit, in minor units of the currency (cents, fen)',
  currency       CHAR(3) NOT NULL
    COMMENT 'ISO 4217',
  limit_per_user INT UNSIGNED NOT NULL
    COMMENT 'Units held or sold',
  hold_seconds   INT UNSIGNED NOT NULL
    COMMENT 'To pay',
  late_payment   ENUM('refund', 'rebuy_or_refund') NOT NULL
    COMMENT 'What a payment after the release or the cancellation of its order leads to',
  slots          JSON NOT NULL
    COMMENT '[{"opens_ms": 0, "closes_ms": 0, "quantity": 0}] in order of time; index 0 is the first',
  opened_slots   INT UNSIGNED NOT NULL
    COMMENT 'So many of the slots, from the first, have opened',
  frozen         BOOLEAN NOT NULL
    COMMENT 'An administrator has stopped the selling',
  defined        BIGINT NOT NULL
    COMMENT 'Units in all: unopened + available + held + sold + withdrawn',
  unopened       BIGINT NOT NULL
    COMMENT 'Units of slots that have not opened',
  available      BIGINT NOT NULL
    COMMENT 'Units that can be bought',
  held           BIGINT NOT NULL
    COMMENT 'Units of orders that wait for their payment',
  sold           BIGINT NOT NULL
    COMMENT 'Units of paid orders',
  withdrawn      BIGINT NOT NULL
    COMMENT 'Units that were taken out of the sale',
  changed_ms     BIGINT NOT NULL
    COMMENT 'Log time of the intent at version',
  PRIMARY KEY (sku),
  KEY by_partition (`partition`)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'One row per SKU: the terms of its present sale and how its stock stands';

CREATE TABLE IF NOT EXISTS order_history (
  order_id    BIGINT UNSIGNED NOT NULL
    COMMENT 'orders.id',
  version     BIGINT UNSIGNED NOT NULL
    COMMENT 'Position of the intent; the rows of an order by it are its history, the last one is the state that orders has',
  event       ENUM('reserved', 'paid', 'cancelled', 'released', 'refunded', 'bought_again') NOT NULL
    COMMENT 'bought_again: a late payment bought the units of a cancelled or released order once more; the order is paid',
  log_time_ms BIGINT NOT NULL
    COMMENT 'Log time of the intent',
  reason      VARCHAR(32) NULL
    COMMENT 'Of refunded: what became of the units, restocked or withdrawn. NULL: the event says it all',
  PRIMARY KEY (order_id, version)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Every transition of every order, one row each; never updated';

CREATE TABLE IF NOT EXISTS refusals (
  sku     VARCHAR(64) NOT NULL
    COMMENT 'What the purchase was for',
  sale_id VARCHAR(64) NOT NULL
    COMMENT 'The SKU''s sale when the purchase was refused',
  slot    SMALLINT NOT NULL
    COMMENT 'Index of the slot in whose time (opens <= log time < closes) it was refused; -1: in none',
  reason  VARCHAR(32) NOT NULL
    COMMENT 'e.g. sold_out (Reason in schemas/order_record.proto, in small letters)',
  `count` BIGINT UNSIGNED NOT NULL
    COMMENT 'Purchases',
  PRIMARY KEY (sku, sale_id, slot, reason)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'How many purchases were refused. Not counted: repetitions of a refused one, purchases of SKUs that have no sale';
