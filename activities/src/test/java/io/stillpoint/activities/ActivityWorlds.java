package io.stillpoint.activities;

import io.stillpoint.policy.Payloads;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.testing.TestActivityEnvironment;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.worker.WorkerFactoryOptions;

/** Where activities run in tests: with the payloads and the errors of a worker. */
final class ActivityWorlds {

  private ActivityWorlds() {}

  /** To be closed. */
  static TestActivityEnvironment start() {
    return TestActivityEnvironment.newInstance(
        TestEnvironmentOptions.newBuilder()
            .setWorkflowClientOptions(
                WorkflowClientOptions.newBuilder().setDataConverter(Payloads.converter()).build())
            .setWorkerFactoryOptions(
                WorkerFactoryOptions.newBuilder()
                    .setWorkerInterceptors(new ErrorMappingInterceptor())
                    .build())
            .build());
  }
}
