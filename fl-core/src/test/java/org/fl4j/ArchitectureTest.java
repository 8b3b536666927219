package org.fl4j;

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
            .layer("internal")
            .definedBy("org.fl4j.internal..")
            .layer("random")
            .definedBy("org.fl4j.random..")
            .layer("state")
            .definedBy("org.fl4j.state..")
            .layer("weights")
            .definedBy("org.fl4j.weights..")
            .layer("data")
            .definedBy("org.fl4j.data..")
            .layer("model")
            .definedBy("org.fl4j.model..")
            .layer("nd4j")
            .definedBy("org.fl4j.nd4j..")
            .layer("client")
            .definedBy("org.fl4j.client..")
            .layer("aggregation")
            .definedBy("org.fl4j.aggregation..")
            .layer("secure")
            .definedBy("org.fl4j.secure..")
            .layer("server")
            .definedBy("org.fl4j.server..")
            .layer("simulation")
            .definedBy("org.fl4j.simulation..")
            .whereLayer("root")
            .mayNotAccessAnyLayer()
            .whereLayer("internal")
            .mayOnlyAccessLayers("root")
            .whereLayer("random")
            .mayOnlyAccessLayers("root", "internal")
            .whereLayer("state")
            .mayOnlyAccessLayers("root", "internal", "random")
            .whereLayer("weights")
            .mayOnlyAccessLayers("root", "internal", "random", "state")
            .whereLayer("data")
            .mayOnlyAccessLayers("root", "internal", "random", "state", "weights")
            .whereLayer("model")
            .mayOnlyAccessLayers("root", "internal", "random", "state", "weights", "data")
            .whereLayer("nd4j")
            .mayOnlyAccessLayers("root", "internal", "random", "state", "weights", "data", "model")
            .whereLayer("client")
            .mayOnlyAccessLayers("root", "internal", "random", "state", "weights", "data", "model", "nd4j")
            .whereLayer("aggregation")
            .mayOnlyAccessLayers("root", "internal", "random", "state", "weights", "data", "model", "nd4j", "client")
            .whereLayer("secure")
            .mayOnlyAccessLayers(
                    "root", "internal", "random", "state", "weights", "data", "model", "nd4j", "client", "aggregation")
            .whereLayer("server")
            .mayOnlyAccessLayers(
                    "root",
                    "internal",
                    "random",
                    "state",
                    "weights",
                    "data",
                    "model",
                    "nd4j",
                    "client",
                    "aggregation",
                    "secure")
            .whereLayer("simulation")
            .mayOnlyAccessLayers(
                    "root",
                    "internal",
                    "random",
                    "state",
                    "weights",
                    "data",
                    "model",
                    "nd4j",
                    "client",
                    "aggregation",
                    "secure",
                    "server")
            .ensureAllClassesAreContainedInArchitecture();

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("org.fl4j.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule DL4J_IS_A_MODULE_OF_ITS_OWN =
            noClasses().should().dependOnClassesThat().resideInAPackage("org.deeplearning4j..");

    /** Heap arrays cross from the model to the server; tensors stay at the edge. */
    @ArchTest
    static final ArchRule TENSORS_STAY_AT_THE_EDGE = noClasses()
            .that()
            .resideInAnyPackage(
                    "org.fl4j.random..",
                    "org.fl4j.state..",
                    "org.fl4j.client..",
                    "org.fl4j.aggregation..",
                    "org.fl4j.server..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.nd4j..");

    @ArchTest
    static final ArchRule NO_JAVA_SERIALISATION = noClasses()
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
