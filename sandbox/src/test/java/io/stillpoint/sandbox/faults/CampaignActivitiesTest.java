package io.stillpoint.sandbox.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.stillpoint.activity.TopologyActivities;
import io.temporal.activity.ActivityInterface;
import io.temporal.common.metadata.POJOActivityInterfaceMetadata;
import io.temporal.common.metadata.POJOActivityMethodMetadata;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class CampaignActivitiesTest {

  @Test
  void shouldStrikeEveryActivityOrSayWhyNot() {
    Set<String> known = new HashSet<>(CampaignActivities.leftOut().keySet());
    for (boolean restore : new boolean[] {false, true}) {
      known.addAll(struck(restore));
      known.addAll(CampaignActivities.cleanUp(restore, true).keySet());
    }
    assertThat(known).isEqualTo(existing());
  }

  @Test
  void shouldNotExcuseWhatIsStruck() {
    Set<String> excused = CampaignActivities.leftOut().keySet();
    for (boolean restore : new boolean[] {false, true}) {
      assertThat(struck(restore)).doesNotContainAnyElementsOf(excused);
      assertThat(CampaignActivities.cleanUp(restore, true).keySet())
          .doesNotContainAnyElementsOf(excused);
    }
  }

  @Test
  void shouldGiveEveryCaseItsOwnName() {
    List<String> names = FaultCase.all().stream().map(FaultCase::name).toList();
    assertThat(names).doesNotHaveDuplicates();
  }

  private static Set<String> struck(boolean restore) {
    Set<String> struck = new HashSet<>(CampaignActivities.of(restore, true));
    struck.addAll(CampaignActivities.of(restore, false));
    return struck;
  }

  private static Set<String> existing() {
    return new ClassFileImporter()
        .importPackagesOf(TopologyActivities.class).stream()
            .filter(c -> c.isAnnotatedWith(ActivityInterface.class))
            .map(c -> POJOActivityInterfaceMetadata.newInstance(c.reflect()))
            .flatMap(i -> i.getMethodsMetadata().stream())
            .map(POJOActivityMethodMetadata::getActivityTypeName)
            .collect(Collectors.toSet());
  }
}
