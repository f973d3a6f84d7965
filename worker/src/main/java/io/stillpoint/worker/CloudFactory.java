package io.stillpoint.worker;

import com.google.api.gax.core.CredentialsProvider;
import com.google.api.gax.core.NoCredentialsProvider;
import com.google.cloud.compute.v1.SnapshotsSettings;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import io.stillpoint.cloud.HostVolumes;
import io.stillpoint.cloud.MemberVolumes;
import io.stillpoint.cloud.Pacer;
import io.stillpoint.cloud.SnapshotInventory;
import io.stillpoint.cloud.VolumeContent;
import io.stillpoint.cloud.VolumeInventory;
import io.stillpoint.cloud.VolumePlacement;
import io.stillpoint.cloud.aws.EbsAttached;
import io.stillpoint.cloud.aws.EbsProvider;
import io.stillpoint.cloud.aws.EbsRestorer;
import io.stillpoint.cloud.aws.EbsSettings;
import io.stillpoint.cloud.aws.EbsVolumeInventory;
import io.stillpoint.cloud.aws.Ec2Access;
import io.stillpoint.cloud.gcp.GceAccess;
import io.stillpoint.cloud.gcp.GceAttached;
import io.stillpoint.cloud.gcp.GceDiskInventory;
import io.stillpoint.cloud.gcp.GceProvider;
import io.stillpoint.cloud.gcp.GceRestorer;
import io.stillpoint.cloud.gcp.GceSettings;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.provider.SnapshotContent;
import io.stillpoint.provider.SnapshotProvider;
import io.stillpoint.provider.VolumeExchange;
import io.stillpoint.worker.settings.EbsEntry;
import io.stillpoint.worker.settings.GceEntry;
import io.stillpoint.worker.settings.VolumeEntry;
import io.stillpoint.worker.settings.WorkerSettings;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;

/** The snapshot providers of those clouds that the configuration names, and no others. */
@Factory
final class CloudFactory {

  /**
   * @param contents how this host's agent reads the clouds' snapshots
   * @param volumes how this host's agent exchanges volumes
   * @param inventories what the clouds hold
   * @param made volumes that restores made there
   * @param closings close the providers' clients
   */
  record CloudProviders(
      List<SnapshotProvider> providers,
      List<SnapshotContent> contents,
      List<VolumeExchange> volumes,
      List<SnapshotInventory> inventories,
      List<VolumeInventory> made,
      List<Runnable> closings)
      implements AutoCloseable {
    @Override
    public void close() {
      closings.forEach(Runnable::run);
    }
  }

  @Singleton
  @Bean(preDestroy = "close")
  CloudProviders providers(WorkerSettings settings) {
    List<SnapshotProvider> providers = new ArrayList<>();
    List<SnapshotContent> contents = new ArrayList<>();
    List<VolumeExchange> volumes = new ArrayList<>();
    List<SnapshotInventory> inventories = new ArrayList<>();
    List<VolumeInventory> made = new ArrayList<>();
    List<Runnable> close = new ArrayList<>();
    if (settings.ebs().isPresent()) {
      EbsEntry entry = settings.ebs().get();
      EbsSettings ebs = settings(entry);
      Ec2Access access = Ec2Access.open(ebs, DefaultCredentialsProvider.builder().build());
      Optional<Ec2Access> elsewhere =
          Ec2Access.openForCopies(ebs, DefaultCredentialsProvider.builder().build());
      EbsProvider provider = new EbsProvider(access, elsewhere, ebs, Pacer.system());
      providers.add(provider);
      inventories.add(provider);
      made.add(new EbsVolumeInventory(access));
      EbsRestorer restorer = new EbsRestorer(access, Pacer.system());
      EbsAttached attached = new EbsAttached(access);
      contents.add(
          new VolumeContent(
              SnapshotType.EBS, restorer, attached, new HostVolumes(), entry.restoreMounts()));
      volumes.add(
          new MemberVolumes(
              SnapshotType.EBS, restorer, attached, new HostVolumes(), entry.restoreMounts()));
      close.add(access::close);
      elsewhere.ifPresent(there -> close.add(there::close));
    }
    if (settings.gce().isPresent()) {
      GceEntry entry = settings.gce().get();
      GceSettings gce = settings(entry);
      GceAccess access = GceAccess.open(gce, credentials(gce));
      GceProvider provider = new GceProvider(access, gce, Pacer.system());
      providers.add(provider);
      inventories.add(provider);
      made.add(new GceDiskInventory(access, gce));
      GceRestorer restorer = new GceRestorer(access, gce, Pacer.system());
      GceAttached attached = new GceAttached(access, gce);
      contents.add(
          new VolumeContent(
              SnapshotType.GCE, restorer, attached, new HostVolumes(), entry.restoreMounts()));
      volumes.add(
          new MemberVolumes(
              SnapshotType.GCE, restorer, attached, new HostVolumes(), entry.restoreMounts()));
      close.add(access::close);
    }
    return new CloudProviders(
        List.copyOf(providers),
        List.copyOf(contents),
        List.copyOf(volumes),
        List.copyOf(inventories),
        List.copyOf(made),
        List.copyOf(close));
  }

  /** Google's credentials are bearer tokens; they never go over a connection without TLS. */
  private static CredentialsProvider credentials(GceSettings gce) {
    return gce.endpoint().filter(e -> "http".equals(e.getScheme())).isPresent()
        ? NoCredentialsProvider.create()
        : SnapshotsSettings.defaultCredentialsProviderBuilder().build();
  }

  private static EbsSettings settings(EbsEntry entry) {
    return EbsSettings.of(entry.region(), entry.endpoint(), places(entry.volumes()))
        .with(entry.betweenCuts(), entry.compareWithHosts())
        .with(entry.copy());
  }

  private static GceSettings settings(GceEntry entry) {
    GceSettings usual = GceSettings.of(entry.project(), entry.endpoint(), places(entry.volumes()));
    return new GceSettings(
        usual.project(),
        usual.endpoint(),
        usual.volumes(),
        entry.storageLocation(),
        usual.callTimeout(),
        usual.lookFor(),
        usual.fixing(),
        entry.betweenCuts(),
        entry.compareWithHosts(),
        entry.kmsKey(),
        entry.snapshotProject());
  }

  private static List<VolumePlacement> places(List<VolumeEntry> volumes) {
    return volumes.stream()
        .map(v -> new VolumePlacement(v.member(), v.role(), v.instance(), v.volume(), v.zone()))
        .toList();
  }
}
