package org.fl4j.aggregation;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The rules live on fl-core alone, and without its server. */
@AnalyzeClasses(
        packages = "org.fl4j.aggregation",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.OfThisModule.class})
class ArchitectureTest {

    @ArchTest
    static final ArchRule ONLY_FL_CORE_BELOW_THE_SERVER = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..",
                    "org.jspecify.annotations..",
                    "org.fl4j",
                    "org.fl4j.internal",
                    "org.fl4j.random..",
                    "org.fl4j.model",
                    "org.fl4j.state",
                    "org.fl4j.weights",
                    "org.fl4j.client..",
                    "org.fl4j.aggregation..");

    @ArchTest
    static final ArchRule NO_PACKAGE_OF_FL_CORE_IS_SPLIT =
            noClasses().should().resideInAPackage("org.fl4j.aggregation");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("org.fl4j.aggregation.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule NO_STANDARD_STREAMS = NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

    @ArchTest
    static final ArchRule THE_FIELDS_WORDS = classes()
            .that()
            .arePublic()
            .should()
            .haveNameNotMatching(".*(Impl|Manager|Utils?|Helper|Handler|Worker|Node|Strategy|Party)");

    /** fl-core has a package of the same name; its classes stand in another folder, or in its jar. */
    static final class OfThisModule implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return location.contains("fl-aggregation");
        }
    }
}
