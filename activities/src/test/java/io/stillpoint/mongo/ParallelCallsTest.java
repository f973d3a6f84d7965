package io.stillpoint.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ParallelCallsTest {

  @Test
  void shouldAnswerInTheOrderOfTheInputs() {
    try (ParallelCalls calls = new ParallelCalls()) {
      List<Integer> inputs = IntStream.range(0, 200).boxed().toList();
      assertThat(calls.map(inputs, i -> i * 2))
          .isEqualTo(IntStream.range(0, 200).map(i -> i * 2).boxed().toList());
      assertThat(calls.map(List.<Integer>of(), i -> i)).isEmpty();
    }
  }

  @Test
  void shouldCallAtTheSameTime() {
    CyclicBarrier all = new CyclicBarrier(32);
    try (ParallelCalls calls = new ParallelCalls()) {
      calls.each(
          IntStream.range(0, 32).boxed().toList(),
          i -> {
            try {
              all.await(20, TimeUnit.SECONDS);
            } catch (Exception e) {
              throw new IllegalStateException("the calls did not overlap", e);
            }
          });
    }
  }

  @Test
  void shouldWaitForAllBeforeItFails() {
    AtomicInteger ended = new AtomicInteger();
    try (ParallelCalls calls = new ParallelCalls()) {
      assertThatExceptionOfType(IllegalStateException.class)
          .isThrownBy(
              () ->
                  calls.each(
                      List.of(0, 1, 2, 3),
                      i -> {
                        ended.incrementAndGet();
                        if (i % 2 == 0) {
                          throw new IllegalStateException("call " + i);
                        }
                      }))
          .withMessage("call 0")
          .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    }
    assertThat(ended).hasValue(4);
  }
}
