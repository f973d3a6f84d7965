package io.stillpoint.sandbox.contract;

import io.stillpoint.sandbox.cluster.ServerPrograms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Skips the rows that the server under test does not have, before any server is started. */
final class ServerGate implements ExecutionCondition {
  private static final Pattern VERSION = Pattern.compile("db version v(\\S+)");

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return context
        .getTestMethod()
        .flatMap(method -> AnnotationSupport.findAnnotation(method, OnServers.class))
        .filter(row -> !applies(row, context))
        .map(row -> ConditionEvaluationResult.disabled(row.because()))
        .orElseGet(() -> ConditionEvaluationResult.enabled("the server has it"));
  }

  private static boolean applies(OnServers row, ExtensionContext context) {
    ServerVersion version = version(context);
    return (row.from().length == 0 || version.has(row.from()))
        && (row.before().length == 0 || !version.has(row.before()))
        && (!row.simulatedOnly() || Simulated.isSimulated());
  }

  /** The version of the programs under test, asked once in a run. */
  static ServerVersion version(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(ExtensionContext.Namespace.create(ServerGate.class))
        .getOrComputeIfAbsent(
            ServerVersion.class,
            key -> ask(ServerPrograms.fromSystemProperties()),
            ServerVersion.class);
  }

  private static ServerVersion ask(ServerPrograms programs) {
    List<String> command = new ArrayList<>(List.of(programs.mongod().toString(), "--version"));
    programs.simulate().ifPresent(series -> command.addAll(List.of("--simulate", series)));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Matcher matcher = VERSION.matcher(output);
      if (!matcher.find()) {
        throw new IllegalStateException(command + " printed no version: " + output);
      }
      return ServerVersion.parse(matcher.group(1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
