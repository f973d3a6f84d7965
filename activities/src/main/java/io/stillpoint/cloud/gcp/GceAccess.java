package io.stillpoint.cloud.gcp;

import com.google.api.gax.core.CredentialsProvider;
import com.google.api.gax.rpc.UnaryCallSettings;
import com.google.cloud.compute.v1.DisksClient;
import com.google.cloud.compute.v1.DisksSettings;
import com.google.cloud.compute.v1.GlobalOperationsClient;
import com.google.cloud.compute.v1.GlobalOperationsSettings;
import com.google.cloud.compute.v1.InstancesClient;
import com.google.cloud.compute.v1.InstancesSettings;
import com.google.cloud.compute.v1.SnapshotsClient;
import com.google.cloud.compute.v1.SnapshotsSettings;
import com.google.cloud.compute.v1.ZoneOperationsClient;
import com.google.cloud.compute.v1.ZoneOperationsSettings;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.io.IOException;
import java.time.Duration;

/**
 * The clients of one project. None repeats a call by itself: whoever calls knows what a repetition
 * would do.
 */
public record GceAccess(
    SnapshotsClient snapshots,
    DisksClient disks,
    InstancesClient instances,
    GlobalOperationsClient globalOperations,
    ZoneOperationsClient zoneOperations)
    implements AutoCloseable {

  public static GceAccess open(GceSettings settings, CredentialsProvider credentials) {
    try {
      SnapshotsSettings.Builder snapshots = SnapshotsSettings.newBuilder();
      DisksSettings.Builder disks = DisksSettings.newBuilder();
      InstancesSettings.Builder instances = InstancesSettings.newBuilder();
      GlobalOperationsSettings.Builder global = GlobalOperationsSettings.newBuilder();
      ZoneOperationsSettings.Builder zonal = ZoneOperationsSettings.newBuilder();
      Duration timeout = settings.callTimeout();
      snapshots.applyToAllUnaryMethods(call -> once(call, timeout));
      disks.applyToAllUnaryMethods(call -> once(call, timeout));
      instances.applyToAllUnaryMethods(call -> once(call, timeout));
      global.applyToAllUnaryMethods(call -> once(call, timeout));
      zonal.applyToAllUnaryMethods(call -> once(call, timeout));
      snapshots.setCredentialsProvider(credentials);
      disks.setCredentialsProvider(credentials);
      instances.setCredentialsProvider(credentials);
      global.setCredentialsProvider(credentials);
      zonal.setCredentialsProvider(credentials);
      settings
          .endpoint()
          .map(String::valueOf)
          .ifPresent(
              endpoint -> {
                snapshots.setEndpoint(endpoint);
                disks.setEndpoint(endpoint);
                instances.setEndpoint(endpoint);
                global.setEndpoint(endpoint);
                zonal.setEndpoint(endpoint);
              });
      return new GceAccess(
          SnapshotsClient.create(snapshots.build()),
          DisksClient.create(disks.build()),
          InstancesClient.create(instances.build()),
          GlobalOperationsClient.create(global.build()),
          ZoneOperationsClient.create(zonal.build()));
    } catch (IOException e) {
      throw new StillpointException(
          ErrorCode.PROVIDER_DENIED,
          "no credentials for Compute were found: " + e.getMessage(),
          "give the worker a service account, or set GOOGLE_APPLICATION_CREDENTIALS",
          e);
    }
  }

  private static Void once(UnaryCallSettings.Builder<?, ?> call, Duration timeout) {
    call.setSimpleTimeoutNoRetriesDuration(timeout);
    return null;
  }

  @Override
  public void close() {
    snapshots.close();
    disks.close();
    instances.close();
    globalOperations.close();
    zoneOperations.close();
  }
}
