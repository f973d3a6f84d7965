package io.stillpoint.worker;

import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import io.stillpoint.cloud.Pacer;
import io.stillpoint.cloud.VolumePlacement;
import io.stillpoint.cloud.aws.EbsProvider;
import io.stillpoint.cloud.aws.EbsSettings;
import io.stillpoint.cloud.aws.Ec2Access;
import io.stillpoint.provider.SnapshotProvider;
import io.stillpoint.worker.settings.EbsEntry;
import io.stillpoint.worker.settings.VolumeEntry;
import io.stillpoint.worker.settings.WorkerSettings;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;

/** The snapshot providers of those clouds that the configuration names, and no others. */
@Factory
final class CloudFactory {

  /** What must be closed with the process is closed with this. */
  record CloudProviders(List<SnapshotProvider> providers, List<Ec2Access> clients)
      implements AutoCloseable {
    @Override
    public void close() {
      clients.forEach(Ec2Access::close);
    }
  }

  @Singleton
  @Bean(preDestroy = "close")
  CloudProviders providers(WorkerSettings settings) {
    List<SnapshotProvider> providers = new ArrayList<>();
    List<Ec2Access> clients = new ArrayList<>();
    settings
        .ebs()
        .ifPresent(
            entry -> {
              EbsSettings ebs = settings(entry);
              Ec2Access access = Ec2Access.open(ebs, DefaultCredentialsProvider.builder().build());
              clients.add(access);
              providers.add(new EbsProvider(access, ebs, Pacer.system()));
            });
    return new CloudProviders(List.copyOf(providers), List.copyOf(clients));
  }

  private static EbsSettings settings(EbsEntry entry) {
    return EbsSettings.of(
        entry.region(),
        entry.endpoint(),
        entry.volumes().stream().map(CloudFactory::place).toList());
  }

  private static VolumePlacement place(VolumeEntry volume) {
    return new VolumePlacement(
        volume.member(), volume.role(), volume.instance(), volume.volume(), volume.zone());
  }
}
