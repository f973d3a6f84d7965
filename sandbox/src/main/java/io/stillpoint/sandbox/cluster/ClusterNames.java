package io.stillpoint.sandbox.cluster;

/**
 * How the parts of a cluster are called.
 *
 * @param setPrefix of the data sets' names, before a number
 * @param configServer name of the config server's set
 * @param shardPrefix of the shard ids, before a number
 */
public record ClusterNames(String setPrefix, String configServer, String shardPrefix) {

  public static final ClusterNames USUAL = new ClusterNames("rs", "cfg", "shard");

  String set(int number) {
    return setPrefix + number;
  }

  String shard(int number) {
    return shardPrefix + number;
  }
}
