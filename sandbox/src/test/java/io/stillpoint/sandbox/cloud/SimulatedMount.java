package io.stillpoint.sandbox.cloud;

import io.stillpoint.cloud.ContentSettings;
import io.stillpoint.cloud.VolumeOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Mounting a simulated volume is linking to the directory that stands for it. */
final class SimulatedMount {

  private SimulatedMount() {}

  static ContentSettings of(String member, CloudBench.Target target, Path mount, Path volumes) {
    return new ContentSettings(
        member,
        target.instance(),
        target.zone(),
        List.of(new ContentSettings.Mount("data", List.of(target.device()), mount)),
        mount.resolve("db"),
        List.of(
            "sh",
            "-c",
            "rmdir \"$1\" && ln -s \"$2/$(basename \"$3\")\" \"$1\"",
            "mount",
            "{directory}",
            volumes.toString(),
            "{volume}"),
        List.of("sh", "-c", "rm \"$1\" && mkdir \"$1\"", "unmount", "{directory}"),
        Duration.ofMinutes(1),
        VolumeOptions.AS_THEY_WERE,
        Optional.empty());
  }
}
