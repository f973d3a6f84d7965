package io.stillpoint.sandbox.cloud;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.stillpoint.cloud.HostVolumes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The files of /proc, /sys and /dev that discovery reads, and a cloud's metadata service. */
final class SimulatedHost implements AutoCloseable {

  private static final String TOKEN = "simulated-token";

  private final Path root;
  private final StringBuilder mounts = new StringBuilder();
  private final HttpServer server;
  private int minor = 16;

  SimulatedHost(Path root, Map<String, String> metadata) throws IOException {
    this.root = root;
    Files.createDirectories(root.resolve("proc/self"));
    Files.createDirectories(root.resolve("sys/dev/block"));
    Files.createDirectories(root.resolve("dev/disk/by-id"));
    mounted(Path.of("/"), "0:30", "overlay", "overlay");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> answer(exchange, metadata));
    server.start();
  }

  URI metadata() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  HostVolumes volumes() {
    return new HostVolumes(root.resolve("proc"), root.resolve("sys"), root.resolve("dev"));
  }

  /** A disk; returns its directory in sysfs. */
  Path disk(String name, String model, String serial) {
    Path device = root.resolve("sys/devices/pci/" + name);
    write(device.resolve("device/model"), model + "                \n");
    write(device.resolve("device/serial"), serial + "\n");
    return device;
  }

  /** A link as udev makes it. */
  void link(String name, String disk) throws IOException {
    Files.createSymbolicLink(
        root.resolve("dev/disk/by-id").resolve(name), Path.of("../../" + disk));
  }

  Path partition(Path disk, String name) {
    write(disk.resolve(name).resolve("partition"), "1\n");
    return disk.resolve(name);
  }

  /** A device mapper device upon others. */
  Path stacked(String name, Path... below) throws IOException {
    Path device = root.resolve("sys/devices/virtual/block/" + name);
    Files.createDirectories(device.resolve("slaves"));
    for (Path slave : below) {
      Files.createSymbolicLink(device.resolve("slaves").resolve(slave.getFileName()), slave);
    }
    return device;
  }

  /** A file system of this device on a directory, which is made. */
  void mounted(Path directory, Path device, String type) throws IOException {
    String number = "259:" + minor++;
    Files.createSymbolicLink(root.resolve("sys/dev/block").resolve(number), device);
    Files.createDirectories(directory);
    mounted(directory.toRealPath(), number, type, "/dev/" + device.getFileName());
  }

  /** A file system that names no device. */
  void mounted(Path directory, String number, String type, String source) {
    mounts.append(
        "%d 1 %s / %s rw,relatime shared:1 - %s %s rw\n"
            .formatted(minor, number, directory.toString().replace(" ", "\\040"), type, source));
    write(root.resolve("proc/self/mountinfo"), mounts.toString());
  }

  private static void answer(HttpExchange exchange, Map<String, String> metadata)
      throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      boolean put = exchange.getRequestMethod().equals("PUT");
      boolean allowed =
          put
              || TOKEN.equals(exchange.getRequestHeaders().getFirst("X-aws-ec2-metadata-token"))
              || "Google".equals(exchange.getRequestHeaders().getFirst("Metadata-Flavor"));
      String body = put && path.equals("/latest/api/token") ? TOKEN : metadata.get(path);
      int status = !allowed ? 401 : body == null ? 404 : 200;
      byte[] bytes = (status == 200 ? body : "").getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      if (bytes.length > 0) {
        exchange.getResponseBody().write(bytes);
      }
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
