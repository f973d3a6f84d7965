package io.stillpoint.sim;

import io.stillpoint.model.Manifest;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.recover.RecoverClusterResult;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowStub;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** On the SDK's in-memory server. */
final class ServerOperations implements Operations {

  /**
   * The in-memory server refuses the cancel of an activity that has just ended, which real ones
   * take, and never gives the workflow's task to anybody again. Nothing of ours is to blame then.
   */
  static final class StuckException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Real seconds: while a cursor is kept alive, this server skips no time. */
  private static final int END_SECONDS = 40;

  private final Simulation simulation;
  private volatile WorkflowStub current;

  ServerOperations(World world, Faults faults) {
    simulation = new Simulation(world, faults);
  }

  @Override
  public World world() {
    return simulation.world;
  }

  @Override
  public Faults.Gate gate() {
    return simulation.gate;
  }

  @Override
  public boolean backup(String name) {
    current = simulation.startBackup(name, SnapshotType.DIRECTORY);
    return ended();
  }

  @Override
  public boolean restore(String name) {
    current = simulation.startRestore(name, Optional.of(World.CLUSTER));
    return ended();
  }

  private boolean ended() {
    try {
      current.getResult(END_SECONDS, TimeUnit.SECONDS, Object.class);
      return true;
    } catch (WorkflowException e) {
      return false;
    } catch (TimeoutException e) {
      List<String> events = lastEvents();
      if (events.get(events.size() - 1).endsWith(" WORKFLOW_TASK_STARTED")) {
        throw new StuckException();
      }
      throw new AssertionError("it does not end; its events: " + events, e);
    }
  }

  @Override
  public RecoverClusterResult recover() {
    return simulation.recoverAndRelease();
  }

  @Override
  public Optional<Manifest> manifest(String name) {
    return simulation.manifest(name);
  }

  @Override
  public void cancel() {
    current.cancel();
  }

  @Override
  public void terminate() {
    current.terminate("by schedule");
  }

  @Override
  public void restartControl() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void restartAgents() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void drain() {}

  @Override
  public List<String> lastEvents() {
    return simulation.history(current.getExecution().getWorkflowId());
  }

  @Override
  public void close() {
    simulation.close();
  }
}
