package io.stillpoint.restore;

import io.stillpoint.plan.RestorePlan.MemberRestore;

/** One member within a restore. Mutable workflow state. */
final class MemberProgress {

  final MemberRestore plan;
  String state = "planned";
  String stagePath = "";
  boolean copyFinished;

  MemberProgress(MemberRestore plan) {
    this.plan = plan;
  }

  String member() {
    return plan.member();
  }

  RestoreDescription.MemberDescription describe() {
    return new RestoreDescription.MemberDescription(
        plan.set().set(), member(), plan.set().source().set(), state, stagePath, copyFinished);
  }
}
