package io.stillpoint.policy;

import io.temporal.activity.ActivityOptions;
import io.temporal.activity.LocalActivityOptions;
import io.temporal.workflow.Workflow;
import java.util.function.Function;

/**
 * A read from all servers, or a comparison of what they say, that is short as a rule: within the
 * workflow's own task then, and an activity where it has to wait, for all to see. Operations of
 * older builds keep what they began with.
 */
public final class ShortRead {

  private ShortRead() {}

  /**
   * @param activities the interface of the activity
   * @param call may be made twice, the first one may still be under way then
   */
  public static <A, T> T run(
      ShortHistory history, Class<A> activities, String summary, Function<A, T> call) {
    return switch (history) {
      case NONE -> call.apply(stub(activities, ActivityPolicies.quick(summary)));
      case RECORDS, BRIEF_STEPS -> call.apply(stub(activities, ActivityPolicies.look(summary)));
      case BRIEF_CLOSE ->
          BriefStep.run(
              true,
              () -> call.apply(stub(activities, ActivityPolicies.briefLook(summary))),
              () -> call.apply(stub(activities, ActivityPolicies.quick(summary))));
    };
  }

  private static <A> A stub(Class<A> activities, ActivityOptions options) {
    return Workflow.newActivityStub(activities, options);
  }

  private static <A> A stub(Class<A> activities, LocalActivityOptions options) {
    return Workflow.newLocalActivityStub(activities, options);
  }
}
