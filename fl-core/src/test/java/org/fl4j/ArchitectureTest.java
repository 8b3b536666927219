package org.fl4j;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;

/** The rules of the design that packages can break. */
@AnalyzeClasses(packages = "org.fl4j", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    /** A package uses only those to its left; the root holds what all of them throw. */
    @ArchTest
    static final ArchRule THE_DIRECTION = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("org.fl4j..")
            .layer("root")
            .definedBy("org.fl4j")
            .layer("random")
            .definedBy("org.fl4j.random..")
            .layer("binary")
            .definedBy("org.fl4j.binary..")
            .layer("model")
            .definedBy("org.fl4j.model")
            .layer("dl4j")
            .definedBy("org.fl4j.model.dl4j..")
            .layer("client")
            .definedBy("org.fl4j.client..")
            .layer("aggregation")
            .definedBy("org.fl4j.aggregation..")
            .layer("server")
            .definedBy("org.fl4j.server..")
            .optionalLayer("simulation")
            .definedBy("org.fl4j.simulation..")
            .whereLayer("root")
            .mayNotAccessAnyLayer()
            .whereLayer("random")
            .mayOnlyAccessLayers("root")
            .whereLayer("binary")
            .mayOnlyAccessLayers("root")
            .whereLayer("model")
            .mayOnlyAccessLayers("root", "random", "binary")
            .whereLayer("dl4j")
            .mayOnlyAccessLayers("root", "random", "binary", "model")
            .whereLayer("client")
            .mayOnlyAccessLayers("root", "random", "binary", "model")
            .whereLayer("aggregation")
            .mayOnlyAccessLayers("root", "random", "binary", "model", "client")
            .whereLayer("server")
            .mayOnlyAccessLayers("root", "random", "binary", "model", "client", "aggregation")
            .whereLayer("simulation")
            .mayOnlyAccessLayers("root", "random", "binary", "model", "dl4j", "client", "aggregation", "server")
            .ensureAllClassesAreContainedInArchitecture();

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("org.fl4j.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule DL4J_STAYS_IN_ITS_ADAPTERS = noClasses()
            .that(resideInAPackage("org.fl4j..")
                    .and(resideInAnyPackage("org.fl4j.model..", "org.fl4j.simulation..")
                            .negate())
                    .and(nameMatching("org\\.fl4j\\.server\\.NativeThreads").negate()))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.deeplearning4j..");

    /** Heap arrays cross from the model to the server; tensors stay at the edge. */
    @ArchTest
    static final ArchRule TENSORS_STAY_AT_THE_EDGE = noClasses()
            .that()
            .resideInAnyPackage("org.fl4j.random..", "org.fl4j.binary..", "org.fl4j.client..", "org.fl4j.aggregation..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.nd4j..");

    /** But for copies in memory, ADR 13. */
    @ArchTest
    static final ArchRule NO_JAVA_SERIALISATION = noClasses()
            .that(nameMatching("org\\.fl4j\\.model\\.dl4j\\.SerialCopy.*").negate())
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
}
