package io.stillpoint.sandbox.contract;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/** A row that only some servers have; on the others it is skipped, and the table says why. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Tag("versions")
@ExtendWith(ServerGate.class)
@interface OnServers {
  /** The first release of each line that has it, as in {@link ServerVersion#has}; empty for all. */
  String[] from() default {};

  /** The first release of each line that does not have it any more; empty for none. */
  String[] before() default {};

  /** Whether a real server would abort, hang, or has no way to be brought into the state. */
  boolean simulatedOnly() default false;

  /** Why it is skipped elsewhere. */
  String because();
}
