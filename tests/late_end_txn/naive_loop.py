"""Consume, produce, commit as the textbook has it: the input's offsets in the transaction; after an error abort, and go on.

    naive_loop.py BROKERS INPUT OUTPUT MESSAGES
"""

import sys

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

PER_TRANSACTION = 40
TRANSACTIONAL_ID = "naive"


def main():
    brokers, source, target, wanted = *sys.argv[1:4], int(sys.argv[4])
    broker = {"bootstrap.servers": brokers}
    reader = Consumer({**broker, "group.id": "naive", "enable.auto.commit": False, "isolation.level": "read_committed"})
    writer = Producer({**broker, "transactional.id": TRANSACTIONAL_ID, "transaction.timeout.ms": 60000, "linger.ms": 0})
    writer.init_transactions(30)
    place = TopicPartition(source, 0, 0)
    reader.assign([place])
    done = 0
    while done < wanted:
        try:
            writer.begin_transaction()
            taken = 0
            for message in reader.consume(PER_TRANSACTION, timeout=5):
                writer.produce(target, message.value(), partition=0)
                taken += 1
                if taken == PER_TRANSACTION // 2:
                    writer.flush(10)  # what has been appended when the client hears of it may be half of the transaction
            writer.send_offsets_to_transaction([TopicPartition(source, 0, done + taken)], reader.consumer_group_metadata(), 30)
            writer.commit_transaction(30)
            done += taken
        except KafkaException as error:
            print(f"after {done}: {error.args[0].str()}; abort and go on", file=sys.stderr)
            writer.abort_transaction(30)
            reader.seek(TopicPartition(source, 0, done))


if __name__ == "__main__":
    main()
