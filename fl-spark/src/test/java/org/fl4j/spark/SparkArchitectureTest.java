package org.fl4j.spark;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The rules of the design that this module can break; ModulesTest of fl-examples sees no class of it. */
@AnalyzeClasses(packages = "org.fl4j.spark", importOptions = ImportOption.DoNotIncludeTests.class)
class SparkArchitectureTest {

    /** Of Spark the core alone, of FL4J fl-core: rules, models and privacy are the application's. */
    @ArchTest
    static final ArchRule USES_FL_CORE_AND_SPARK = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..",
                    "scala..",
                    "org.apache.spark..",
                    "org.jspecify.annotations..",
                    "org.nd4j..",
                    "org.slf4j..",
                    "org.fl4j",
                    "org.fl4j.internal",
                    "org.fl4j.random..",
                    "org.fl4j.state",
                    "org.fl4j.weights..",
                    "org.fl4j.compression",
                    "org.fl4j.data",
                    "org.fl4j.model",
                    "org.fl4j.nd4j",
                    "org.fl4j.client..",
                    "org.fl4j.aggregation",
                    "org.fl4j.secure",
                    "org.fl4j.server..",
                    "org.fl4j.simulation",
                    "org.fl4j.spark..");

    @ArchTest
    static final ArchRule NO_STANDARD_STREAMS = NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

    @ArchTest
    static final ArchRule NO_JAVA_UTIL_LOGGING = NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;

    @ArchTest
    static final ArchRule THE_FIELDS_WORDS = classes()
            .that()
            .arePublic()
            .should()
            .haveNameNotMatching(".*(Impl|Manager|Utils?|Helper|Handler|Worker|Node|Strategy|Party)")
            .allowEmptyShould(true);
}
