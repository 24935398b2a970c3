-- What sluice-sink keeps of the topic `orders`, for MySQL 8 and MariaDB 10.6 or newer. Applying it again changes nothing:
--
--   mariadb sluice < schemas/mysql/001_orders.sql
--
-- Text is compared byte by byte (utf8mb4_bin): "Mask" and "mask" are two SKUs, as they are in Kafka. Every time is the broker's, in
-- Unix milliseconds (UTC), exactly as the records have it: FROM_UNIXTIME(created_ms / 1000).

CREATE TABLE IF NOT EXISTS orders (
  id           BIGINT UNSIGNED NOT NULL
    COMMENT 'The ticket of the purchase: partition (12 bits), generation (8), offset of its intent (44). Rows are written in nearly ascending order',
  `partition`  SMALLINT UNSIGNED AS (id >> 52) VIRTUAL
    COMMENT 'Partition of intents and orders that this order belongs to',
  version      BIGINT UNSIGNED NOT NULL
    COMMENT 'Position (generation, offset) of the intent that last changed the order; a row only ever moves to a higher one',
  sku          VARCHAR(64) NOT NULL
    COMMENT 'What was bought',
  sale_id      VARCHAR(64) NOT NULL
    COMMENT 'The sale that it was bought in',
  user         VARCHAR(64) NOT NULL
    COMMENT 'Opaque: the subject of the buyer''s token',
  quantity     INT UNSIGNED NOT NULL
    COMMENT 'Units',
  amount_minor BIGINT NOT NULL
    COMMENT 'Of the whole order, in minor units of the currency (cents, fen)',
  currency     CHAR(3) NOT NULL
    COMMENT 'ISO 4217',
  status       ENUM('held', 'paid', 'cancelled', 'released', 'refunded') NOT NULL
    COMMENT 'Its latest; order_history has all',
  created_ms   BIGINT NOT NULL
    COMMENT 'Log time of the purchase',
  deadline_ms  BIGINT NOT NULL
    COMMENT 'Log time from which a held order can be released',
  payment_id   VARCHAR(64) NULL
    COMMENT 'Of the payment that paid the order; NULL before',
  PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'One row per order, its latest state: the fold of the topic orders up to positions.next_offset, except what dead-letters lists';

CREATE TABLE IF NOT EXISTS positions (
  `partition`   SMALLINT UNSIGNED NOT NULL
    COMMENT 'Of the topics intents and orders',
  generation    SMALLINT UNSIGNED NOT NULL
    COMMENT 'Of the topics that the rows come from, 1 to 255. A sink set to another one refuses to start',
  partitions    SMALLINT UNSIGNED NOT NULL
    COMMENT 'How many partitions the topics have. A sink set to another number refuses to start',
  next_offset   BIGINT UNSIGNED NOT NULL
    COMMENT 'The first intent whose ruling is not yet in the other tables. Moved in the transaction that writes the rows, only from the value it was read with',
  digest        BIGINT UNSIGNED NOT NULL
    COMMENT 'Digest of the record that ends before next_offset (schemas/digest.h): proves that the log is still the same one. 0 at the start',
  orders_offset BIGINT UNSIGNED NOT NULL
    COMMENT 'Where in the Kafka topic orders that record stands; only a hint',
  PRIMARY KEY (`partition`)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'How far each partition of the topic orders has been folded into the other tables';
