package io.stillpoint.host;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The members that this agent serves. */
public final class NodeMembers {

  private final Map<String, NodeSettings> byAddress = new TreeMap<>();
  private final Map<String, RouterSettings> routers = new TreeMap<>();

  public NodeMembers(Collection<NodeSettings> members) {
    this(members, List.of());
  }

  public NodeMembers(Collection<NodeSettings> members, Collection<RouterSettings> routers) {
    members.forEach(member -> byAddress.put(member.address(), member));
    routers.forEach(router -> this.routers.put(router.address(), router));
  }

  /** The mongos at this address, if it is one of ours. */
  public Optional<RouterSettings> router(String address) {
    return Optional.ofNullable(routers.get(address));
  }

  /**
   * @throws StillpointException AGENT_REFUSED
   */
  public NodeSettings require(String address) {
    NodeSettings settings = byAddress.get(address);
    if (settings == null) {
      throw new StillpointException(
          ErrorCode.AGENT_REFUSED,
          "this node agent serves %s, but member %s was asked for"
              .formatted(byAddress.keySet(), address),
          "add the member under stillpoint.node.members on its own host, with the address that"
              + " rs.conf() shows");
    }
    return settings;
  }

  public Collection<NodeSettings> all() {
    return byAddress.values();
  }
}
