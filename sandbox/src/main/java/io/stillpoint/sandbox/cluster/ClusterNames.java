package io.stillpoint.sandbox.cluster;

/**
 * How the parts of a cluster are called.
 *
 * @param setPrefix of the data sets' names, before a number
 * @param configServer name of the config server's set
 * @param shardPrefix of the shard ids, before a number
 * @param memberHost under which everybody reaches the members of a set; another address of this
 *     machine than the one that they listen on needs somebody who passes on
 */
public record ClusterNames(
    String setPrefix, String configServer, String shardPrefix, String memberHost) {

  /** Where every server listens. */
  static final String LISTENING = "127.0.0.1";

  public static final ClusterNames USUAL = new ClusterNames("rs", "cfg", "shard");

  public ClusterNames(String setPrefix, String configServer, String shardPrefix) {
    this(setPrefix, configServer, shardPrefix, LISTENING);
  }

  public ClusterNames withMemberHost(String host) {
    return new ClusterNames(setPrefix, configServer, shardPrefix, host);
  }

  String set(int number) {
    return setPrefix + number;
  }

  String shard(int number) {
    return shardPrefix + number;
  }
}
