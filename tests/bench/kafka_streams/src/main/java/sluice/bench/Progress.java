package sluice.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** How many intents have been ruled on, and what that has cost since the warm-up was over. */
final class Progress {
  private static final double NANOS = 1e9;

  private final long skipped;
  private final long wanted;
  private final AtomicLong ruled = new AtomicLong();
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile double cpuSecondsSkipped;

  /** The first {@code skipped} of {@code wanted} warm up. */
  Progress(long skipped, long wanted) {
    this.skipped = skipped;
    this.wanted = wanted;
  }

  void ruled() {
    long count = ruled.incrementAndGet();
    if (count == skipped) cpuSecondsSkipped = cpuSeconds();
    if (count == wanted) done.countDown();
  }

  /** Of the whole process, since the warm-up was over. */
  double cpuSecondsCounted() {
    return cpuSeconds() - cpuSecondsSkipped;
  }

  void await() throws InterruptedException {
    done.await();
  }

  private static double cpuSeconds() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / NANOS;
  }
}
