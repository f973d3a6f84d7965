package io.stillpoint.client;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;

/** Giving an operation up, whether a worker listens or not. */
final class Aborts {
  private Aborts() {}

  static String abort(WorkflowHandle workflow, String reason) {
    if (!workflow.isRunning()) {
      throw new StillpointException(
          ErrorCode.NOT_WAITING,
          "%s has ended, so there is nothing to cancel".formatted(workflow.what()),
          workflow.watchHint());
    }
    if (!workflow.pickedUp()) {
      return withdrawn(workflow, reason);
    }
    try {
      return workflow.update("abort", ErrorCode.NOT_WAITING, String.class, reason);
    } catch (StillpointException e) {
      if (e.code() != ErrorCode.NO_WORKER) {
        throw e;
      }
      return withdrawn(workflow, reason);
    }
  }

  private static String withdrawn(WorkflowHandle workflow, String reason) {
    workflow.cancel(reason);
    return "%s will be cancelled as soon as a control worker runs".formatted(workflow.what());
  }
}
