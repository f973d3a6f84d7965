package io.stillpoint.worker;

import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import io.stillpoint.activities.CatalogActivitiesImpl;
import io.stillpoint.activities.InventoryActivitiesImpl;
import io.stillpoint.activities.MongoActivities;
import io.stillpoint.activities.NodeActivitiesImpl;
import io.stillpoint.activities.NotificationActivitiesImpl;
import io.stillpoint.activities.RetentionActivitiesImpl;
import io.stillpoint.activities.SnapshotActivitiesImpl;
import io.stillpoint.activities.TemporalOperationLink;
import io.stillpoint.cloud.DiskDiscovery;
import io.stillpoint.cloud.HostVolumes;
import io.stillpoint.command.CommandContent;
import io.stillpoint.command.CommandProvider;
import io.stillpoint.directory.DirectoryProvider;
import io.stillpoint.host.NodeMembers;
import io.stillpoint.host.NodeSettings;
import io.stillpoint.host.RouterSettings;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.mongo.ClusterSettings;
import io.stillpoint.mongo.MongoConnections;
import io.stillpoint.policy.TaskQueues;
import io.stillpoint.provider.SnapshotContent;
import io.stillpoint.provider.SnapshotProvider;
import io.stillpoint.worker.settings.CatalogPlace;
import io.stillpoint.worker.settings.MemberEntry;
import io.stillpoint.worker.settings.NodeEntry;
import io.stillpoint.worker.settings.Role;
import io.stillpoint.worker.settings.RouterEntry;
import io.stillpoint.worker.settings.WorkerSettings;
import io.temporal.client.WorkflowClient;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Puts the adapters together for the roles that the configuration names. */
@Factory
final class WiringFactory {
  private static final int CONTROL_POLLERS = 5;
  // One long copy, its resume beside it, and the short host operations.
  private static final int NODE_SLOTS = 8;
  // Many agents share a namespace's limit of open polls.
  private static final int NODE_POLLERS = 2;

  @Singleton
  @Bean(preDestroy = "close")
  MongoConnections connections(WorkerSettings settings) {
    return new MongoConnections(
        settings.clusters().values().stream()
            .map(c -> new ClusterSettings(c.name(), c.uri(), c.routers(), c.tls()))
            .toList(),
        settings.catalog() instanceof CatalogPlace.Mongo mongo
            ? Optional.of(mongo.uri())
            : Optional.empty());
  }

  @Singleton
  @Bean(preDestroy = "close")
  MongoActivities mongo(
      WorkerSettings settings,
      WorkflowClient client,
      MongoConnections connections,
      CatalogFactory.Catalog catalog) {
    return new MongoActivities(
        connections,
        catalog.backups(),
        catalog.lists(),
        new TemporalOperationLink(client),
        client.getOptions().getIdentity(),
        settings.timing().keepAlive(),
        Clock.systemUTC());
  }

  @Singleton
  Bindings bindings(
      WorkerSettings settings,
      WorkflowClient client,
      MongoConnections connections,
      MongoActivities mongo,
      CloudFactory.CloudProviders clouds,
      CatalogFactory.Catalog catalog) {
    List<TaskQueueBinding> bindings = new ArrayList<>();
    if (settings.has(Role.CONTROL)) {
      List<Object> activities = new ArrayList<>(mongo.implementations());
      activities.add(
          new CatalogActivitiesImpl(
              catalog.backups(),
              catalog.lists(),
              new TemporalOperationLink(client),
              connections::settings));
      activities.add(new SnapshotActivitiesImpl(clouds.providers(), recorded(catalog)));
      activities.add(new NotificationActivitiesImpl(settings.webhooks()));
      activities.add(new RetentionActivitiesImpl(client));
      activities.add(
          new InventoryActivitiesImpl(
              catalog.backups(),
              catalog.lists(),
              clouds.inventories(),
              clouds.made(),
              new TemporalOperationLink(client)));
      bindings.add(
          new TaskQueueBinding(
              TaskQueues.CONTROL, true, activities, settings.activitySlots(), CONTROL_POLLERS));
    }
    settings.node().ifPresent(node -> bindings.addAll(nodeBindings(node, clouds, catalog)));
    return new Bindings(bindings);
  }

  private static List<TaskQueueBinding> nodeBindings(
      NodeEntry node, CloudFactory.CloudProviders clouds, CatalogFactory.Catalog catalog) {
    NodeMembers members =
        new NodeMembers(
            node.members().stream().map(m -> settings(node, m)).toList(),
            node.routers().stream().map(r -> router(node, r)).toList());
    List<SnapshotProvider> providers = new ArrayList<>();
    providers.add(new DirectoryProvider(members, catalog.lists(), Clock.systemUTC()));
    List<SnapshotContent> contents = new ArrayList<>(clouds.contents());
    node.command()
        .ifPresent(
            command -> {
              providers.add(new CommandProvider(members, catalog.lists(), command));
              contents.add(new CommandContent(command));
            });
    List<Object> activities =
        List.of(
            new SnapshotActivitiesImpl(providers, recorded(catalog)),
            new NodeActivitiesImpl(
                members,
                catalog.lists(),
                catalog.backups()::seen,
                Clock.systemUTC(),
                contents,
                clouds.volumes(),
                new DiskDiscovery(new HostVolumes(), node.machine())));
    return Stream.concat(
            node.members().stream().map(MemberEntry::address),
            node.routers().stream().map(RouterEntry::address))
        .map(
            address ->
                new TaskQueueBinding(
                    TaskQueues.node(address), false, activities, NODE_SLOTS, NODE_POLLERS))
        .toList();
  }

  /** How the catalog has a backup. What cannot be read is an error: nobody knows its worth then. */
  private static Function<String, Optional<OperationStatus>> recorded(
      CatalogFactory.Catalog catalog) {
    return backup -> catalog.backups().find(backup).map(Manifest::status);
  }

  private static RouterSettings router(NodeEntry node, RouterEntry router) {
    return new RouterSettings(
        router.address(),
        router.mongos(),
        router.configFile(),
        router.arguments(),
        router.startCommand(),
        router.stopCommand(),
        node.snapshotRoot().resolve("mongos-%s.out".formatted(router.address().replace(':', '-'))));
  }

  private static NodeSettings settings(NodeEntry node, MemberEntry member) {
    return new NodeSettings(
        member.address(),
        member.dataPath(),
        member.mongod(),
        member.configFile(),
        member.arguments(),
        member.startCommand(),
        member.stopCommand(),
        member.logPath(),
        node.snapshotRoot(),
        node.parallelCopies(),
        node.copyBytesPerSecond(),
        member.holdFile());
  }
}
