package io.stillpoint.sandbox.faults;

import io.stillpoint.worker.WorkerApplication;
import io.stillpoint.worker.settings.SettingsFile;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptor;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptorBase;
import io.temporal.common.interceptors.WorkerInterceptorBase;
import java.nio.file.Path;
import java.util.Optional;

/** The real worker, in which a fault strikes that waits in the directory of the first argument. */
public final class FaultyWorker {

  private FaultyWorker() {}

  public static void main(String[] args) {
    WorkerApplication.start(
        SettingsFile.read(Optional.of(Path.of(args[1])), System.getenv()),
        System.getenv(),
        new Striking(Path.of(args[0])));
  }

  private static final class Striking extends WorkerInterceptorBase {
    private final Path directory;

    Striking(Path directory) {
      this.directory = directory;
    }

    @Override
    public ActivityInboundCallsInterceptor interceptActivity(ActivityInboundCallsInterceptor next) {
      return new ActivityInboundCallsInterceptorBase(next) {
        private String activity = "";

        @Override
        public void init(ActivityExecutionContext context) {
          activity = context.getInfo().getActivityType();
          super.init(context);
        }

        @Override
        public ActivityOutput execute(ActivityInput input) {
          return InjectedFault.take(directory, activity)
              .map(fault -> fault.strike(directory, () -> super.execute(input)))
              .orElseGet(() -> super.execute(input));
        }
      };
    }
  }
}
