package io.stillpoint.sandbox.contract;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/** Prints which rows of the contract passed, if {@code stillpoint.contract.table} is set. */
final class ContractTable implements TestWatcher {

  private record Row(String name, String result, String reason) {}

  /** The rows of one run; printed when the run ends. */
  private static final class Rows implements AutoCloseable {
    private final List<Row> rows = new CopyOnWriteArrayList<>();

    @Override
    public void close() {
      if (!Boolean.getBoolean("stillpoint.contract.table")) {
        return;
      }
      StringBuilder table = new StringBuilder();
      rows.stream()
          .sorted(Comparator.comparing(ContractTable::order))
          .forEach(
              row ->
                  table.append(
                      "%-8s %-60s %s%n".formatted(row.result(), row.name(), row.reason())));
      for (String result : List.of("passed", "skipped", "failed")) {
        long count = rows.stream().filter(row -> row.result().equals(result)).count();
        table.append("%d %s  ".formatted(count, result));
      }
      System.out.println(table);
    }
  }

  /** O9 before O10. */
  private static String order(Row row) {
    String number = row.name().replaceAll("^\\w(\\d+).*", "$1");
    return row.name().charAt(0) + "0".repeat(Math.max(0, 4 - number.length())) + number;
  }

  @Override
  public void testSuccessful(ExtensionContext context) {
    add(context, "passed", "");
  }

  @Override
  public void testAborted(ExtensionContext context, Throwable cause) {
    add(context, "skipped", firstLine(cause));
  }

  @Override
  public void testFailed(ExtensionContext context, Throwable cause) {
    add(context, "failed", firstLine(cause));
  }

  @Override
  public void testDisabled(ExtensionContext context, Optional<String> reason) {
    add(context, "skipped", reason.orElse(""));
  }

  private static void add(ExtensionContext context, String result, String reason) {
    context
        .getRoot()
        .getStore(ExtensionContext.Namespace.create(ContractTable.class))
        .getOrComputeIfAbsent(Rows.class, key -> new Rows(), Rows.class)
        .rows
        .add(new Row(context.getDisplayName(), result, reason));
  }

  private static String firstLine(Throwable cause) {
    return String.valueOf(cause.getMessage())
        .replaceFirst("^Assumption failed: ", "")
        .lines()
        .findFirst()
        .orElse("");
  }
}
