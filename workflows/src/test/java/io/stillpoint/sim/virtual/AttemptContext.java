package io.stillpoint.sim.virtual;

import com.uber.m3.tally.NoopScope;
import com.uber.m3.tally.Scope;
import io.temporal.activity.ActivityInfo;
import io.temporal.activity.ManualActivityCompletionClient;
import io.temporal.client.ActivityCanceledException;
import io.temporal.client.WorkflowClient;
import io.temporal.common.CancellationToken;
import io.temporal.internal.activity.InternalActivityExecutionContext;
import java.lang.reflect.Type;
import java.util.Optional;

/** What an activity sees of its attempt: heartbeats, and nothing else that ours use. */
final class AttemptContext implements InternalActivityExecutionContext {

  /** Throws what a heartbeat throws when the server wants the attempt to end. */
  private final Runnable beat;

  private ActivityInfo info;

  AttemptContext(Runnable beat) {
    this.beat = beat;
  }

  AttemptContext of(ActivityInfo activity) {
    info = activity;
    return this;
  }

  @Override
  public ActivityInfo getInfo() {
    return info;
  }

  @Override
  public <V> void heartbeat(V details) {
    beat.run();
  }

  @Override
  public <V> Optional<V> getHeartbeatDetails(Class<V> type) {
    return Optional.empty();
  }

  @Override
  public <V> Optional<V> getHeartbeatDetails(Class<V> type, Type generic) {
    return Optional.empty();
  }

  @Override
  public <V> Optional<V> getLastHeartbeatDetails(Class<V> type) {
    return Optional.empty();
  }

  @Override
  public <V> Optional<V> getLastHeartbeatDetails(Class<V> type, Type generic) {
    return Optional.empty();
  }

  @Override
  public byte[] getTaskToken() {
    return new byte[0];
  }

  @Override
  public CancellationToken<ActivityCanceledException> getCancellationToken() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void doNotCompleteOnReturn() {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isDoNotCompleteOnReturn() {
    return false;
  }

  @Override
  public boolean isUseLocalManualCompletion() {
    return false;
  }

  @Override
  public ManualActivityCompletionClient useLocalManualCompletion() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Scope getMetricsScope() {
    return new NoopScope();
  }

  @Override
  public WorkflowClient getWorkflowClient() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Object getInstance() {
    return this;
  }

  @Override
  public Object getLastHeartbeatValue() {
    return null;
  }

  @Override
  public void asyncCompletionStarted() {}

  @Override
  public void cancelOutstandingHeartbeat() {}
}
