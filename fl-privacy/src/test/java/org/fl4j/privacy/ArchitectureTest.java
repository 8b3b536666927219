package org.fl4j.privacy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Privacy lives on fl-core alone, and without its server. */
@AnalyzeClasses(packages = "org.fl4j.privacy", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule ONLY_FL_CORE_BELOW_THE_SERVER = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..",
                    "javax.crypto..",
                    "org.slf4j..",
                    "org.jspecify.annotations..",
                    "org.fl4j",
                    "org.fl4j.internal",
                    "org.fl4j.random..",
                    "org.fl4j.state",
                    "org.fl4j.weights",
                    "org.fl4j.model",
                    "org.fl4j.client..",
                    "org.fl4j.aggregation",
                    "org.fl4j.secure",
                    "org.fl4j.privacy..");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("org.fl4j.privacy.(*)..").should().beFreeOfCycles();

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
    static final ArchRule NO_STANDARD_STREAMS = NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

    @ArchTest
    static final ArchRule THE_FIELDS_WORDS = classes()
            .that()
            .arePublic()
            .should()
            .haveNameNotMatching(".*(Impl|Manager|Utils?|Helper|Handler|Worker|Node|Strategy|Party)");
}
