package io.stillpoint.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What the modules' class paths cannot enforce. */
@AnalyzeClasses(packages = "io.stillpoint", importOptions = ImportOption.DoNotIncludeTests.class)
class LayersArchTest {

  private static final String[] WORKFLOW_CODE = {
    "io.stillpoint.model..",
    "io.stillpoint.error..",
    "io.stillpoint.activity..",
    "io.stillpoint.plan..",
    "io.stillpoint.policy..",
    "io.stillpoint.backup..",
    "io.stillpoint.check..",
    "io.stillpoint.restore..",
    "io.stillpoint.lock.."
  };

  @ArchTest
  static final ArchRule PLANNERS_ARE_PURE =
      noClasses()
          .that()
          .resideInAPackage("io.stillpoint.plan..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.temporal..", "java.io..", "java.net..", "java.nio..")
          .because("a plan follows from what the planner is given, and from nothing else");

  @ArchTest
  static final ArchRule WORKFLOWS_KNOW_NO_ADAPTER =
      noClasses()
          .that()
          .resideInAnyPackage(WORKFLOW_CODE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "com.mongodb..",
              "org.bson..",
              "software.amazon..",
              "com.google.cloud..",
              "io.micronaut..",
              "org.slf4j.LoggerFactory")
          .because("workflow code is replayed; it decides, and activities act");

  @ArchTest
  static final ArchRule WORKFLOWS_DO_NOT_LOOK_AT_CLOCKS_OR_THREADS =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.stillpoint.backup..", "io.stillpoint.restore..", "io.stillpoint.lock..")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.lang.Thread")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(java.time.Instant.class, "now")
          .orShould()
          .callMethod(java.util.UUID.class, "randomUUID")
          .because("a replay must take the same decisions");

  @ArchTest
  static final ArchRule ACTIVITIES_KNOW_NO_MICRONAUT =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.stillpoint.worker..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.micronaut..")
          .because("wiring lives in the worker alone");

  @ArchTest
  static final ArchRule MONGO_AND_CLOUDS_DO_NOT_MEET =
      noClasses()
          .that()
          .resideInAPackage("io.stillpoint.mongo..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.stillpoint.cloud..", "io.temporal..")
          .because("adapters are put together by activities");

  @ArchTest
  static final ArchRule CLOUDS_DO_NOT_KNOW_MONGO =
      noClasses()
          .that()
          .resideInAPackage("io.stillpoint.cloud..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.stillpoint.mongo..", "com.mongodb..", "io.temporal..")
          .because("adapters are put together by activities");

  @ArchTest
  static final ArchRule AWS_DOES_NOT_KNOW_GCP =
      noClasses()
          .that()
          .resideInAPackage("io.stillpoint.cloud.aws..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.stillpoint.cloud.gcp..", "com.google.cloud..")
          .because("a provider can be taken out alone");

  @ArchTest
  static final ArchRule GCP_DOES_NOT_KNOW_AWS =
      noClasses()
          .that()
          .resideInAPackage("io.stillpoint.cloud.gcp..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.stillpoint.cloud.aws..", "software.amazon..")
          .because("a provider can be taken out alone");

  @ArchTest
  static final ArchRule THE_COMMAND_LINE_SEES_NO_IMPLEMENTATION =
      noClasses()
          .that()
          .resideInAnyPackage("io.stillpoint.cli..", "io.stillpoint.client..")
          .should()
          .dependOnClassesThat()
          .haveSimpleNameEndingWith("WorkflowImpl")
          .because("clients speak to interfaces");
}
