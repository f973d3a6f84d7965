package io.stillpoint.sandbox.contract;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Marks a part of the contract suite: what a client may rely on in {@code $backupCursor}. It runs
 * against the simulated servers, of the version in the system property {@code stillpoint.simulate},
 * or against real ones given in {@code stillpoint.mongod} and {@code stillpoint.mongos}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("contract")
@ExtendWith({Servers.class, ContractTable.class})
@interface Contract {}
