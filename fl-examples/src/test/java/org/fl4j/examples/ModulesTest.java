package org.fl4j.examples;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.stream.Stream;

/** The rules of the design that modules can break: here all of the library is on the class path. */
@AnalyzeClasses(
        packages = "org.fl4j",
        importOptions = {ImportOption.DoNotIncludeTests.class, ModulesTest.OfTheLibrary.class})
class ModulesTest {

    @ArchTest
    static final ArchRule AGGREGATION_USES_FL_CORE_BELOW_THE_SERVER =
            usesOnly("org.fl4j.aggregation.*..", "org.slf4j..", "org.fl4j.compression", "org.fl4j.aggregation..");

    @ArchTest
    static final ArchRule PRIVACY_USES_FL_CORE_BELOW_THE_SERVER = usesOnly(
            "org.fl4j.privacy.(accounting|dp|secagg)..",
            "javax.crypto..",
            "org.slf4j..",
            "org.fl4j.aggregation",
            "org.fl4j.secure",
            "org.fl4j.privacy..");

    /** An audit hears what the server releases. */
    @ArchTest
    static final ArchRule AUDITS_LISTEN_TO_THE_SERVER = usesOnly(
            "org.fl4j.privacy.audit..",
            "org.slf4j..",
            "org.fl4j.compression",
            "org.fl4j.nd4j",
            "org.fl4j.server.checkpoint",
            "org.fl4j.server.report",
            "org.fl4j.privacy.accounting",
            "org.fl4j.privacy.dp",
            "org.fl4j.privacy.audit");

    @ArchTest
    static final ArchRule NOTHING_BELOW_AN_AUDIT_KNOWS_IT = noClasses()
            .that()
            .resideInAnyPackage("org.fl4j.privacy.accounting..", "org.fl4j.privacy.dp..", "org.fl4j.privacy.secagg..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.fl4j.privacy.audit..");

    /** What may be used beside the part of fl-core that both modules use. */
    private static ArchRule usesOnly(String module, String... others) {
        return classes()
                .that()
                .resideInAPackage(module)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                                "java..",
                                "org.jspecify.annotations..",
                                "org.fl4j",
                                "org.fl4j.internal",
                                "org.fl4j.random..",
                                "org.fl4j.model",
                                "org.fl4j.state",
                                "org.fl4j.weights",
                                "org.fl4j.client..")
                        .or(resideInAnyPackage(others)));
    }

    @ArchTest
    static final ArchRule NO_PACKAGE_OF_FL_CORE_IS_SPLIT = noClasses()
            .that(describe(
                    "stand in fl-aggregation",
                    type -> type.getSource().orElseThrow().getUri().toString().contains("fl-aggregation")))
            .should()
            .resideInAPackage("org.fl4j.aggregation");

    /** A package of secure aggregation uses only those above it in this list. */
    @ArchTest
    static final ArchRule SECURE_AGGREGATION_RUNS_IN_ONE_DIRECTION = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("org.fl4j.privacy.secagg..")
            .layer("crypto")
            .definedBy("org.fl4j.privacy.secagg.internal.crypto")
            .layer("cohort")
            .definedBy("org.fl4j.privacy.secagg.internal.cohort")
            .layer("sharing")
            .definedBy("org.fl4j.privacy.secagg.internal.sharing")
            .layer("vector")
            .definedBy("org.fl4j.privacy.secagg.internal.vector")
            .layer("message")
            .definedBy("org.fl4j.privacy.secagg.internal.message")
            .layer("protocol")
            .definedBy("org.fl4j.privacy.secagg")
            .whereLayer("crypto")
            .mayNotAccessAnyLayer()
            .whereLayer("cohort")
            .mayNotAccessAnyLayer()
            .whereLayer("sharing")
            .mayOnlyAccessLayers("crypto")
            .whereLayer("vector")
            .mayOnlyAccessLayers("crypto", "cohort")
            .whereLayer("message")
            .mayOnlyAccessLayers("crypto", "cohort", "sharing")
            .whereLayer("protocol")
            .mayNotBeAccessedByAnyLayer();

    /** Nobody else uses what is internal to secure aggregation. */
    @ArchTest
    static final ArchRule INTERNALS_STAY_INTERNAL = noClasses()
            .that()
            .resideOutsideOfPackage("org.fl4j.privacy.secagg..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.fl4j.privacy.secagg.internal..");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("org.fl4j.(**)").should().beFreeOfCycles();

    /** The bridge copies a network by DL4J's own serialisation. */
    @ArchTest
    static final ArchRule NO_JAVA_SERIALISATION = noClasses()
            .that()
            .resideOutsideOfPackage("org.fl4j.dl4j..")
            .should()
            .dependOnClassesThat()
            .areAssignableTo(ObjectOutputStream.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(ObjectInputStream.class);

    @ArchTest
    static final ArchRule NO_STANDARD_STREAMS = NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

    @ArchTest
    static final ArchRule NO_JAVA_UTIL_LOGGING = NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;

    @ArchTest
    static final ArchRule THE_FIELDS_WORDS = classes()
            .that()
            .arePublic()
            .should()
            .haveNameNotMatching(".*(Impl|Manager|Utils?|Helper|Handler|Worker|Node|Strategy|Party)");

    /** Neither the examples nor the test kit. */
    static final class OfTheLibrary implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return Stream.of("fl-examples", "fl-testkit").noneMatch(location::contains);
        }
    }
}
