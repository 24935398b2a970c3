package sluice.bench;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** How many intents have been ruled on, and when the first and the last one were. */
final class Progress {
  private final long wanted;
  private final AtomicLong ruled = new AtomicLong();
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile long beganNanos;

  Progress(long wanted) {
    this.wanted = wanted;
  }

  void ruled() {
    long count = ruled.incrementAndGet();
    if (count == 1) beganNanos = System.nanoTime();
    if (count == wanted) done.countDown();
  }

  long beganNanos() {
    return beganNanos;
  }

  void await() throws InterruptedException {
    done.await();
  }
}
