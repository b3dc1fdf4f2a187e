using System.Linq;
using System.Threading.Tasks;
using AhnSharp.Constraints;
using AhnSharp.Generation;
using Xunit;
using Xunit.Abstractions;

namespace AhnSharp.Tests.Constraints;

/// <summary>
/// What the demo model writes at temperature 1 for ten schemas, judged by JsonSchema.Net. The long form, 1,000 answers, is
/// <c>AHN_LONG_TESTS=1 dotnet test tests/AhnSharp.Tests -c Release --filter FullyQualifiedName~ModelGenerationTests</c>.
/// </summary>
public sealed class ModelGenerationTests(DemoText demo, ITestOutputHelper output) : IClassFixture<DemoText>
{
    // A string without a longest length may go on for as long as the model likes, and a tree grows with every node that it gets: without
    // closing, 2 of 100 nested objects were cut at 16,000 tokens, and the trees had no end after 24 minutes.
    private static readonly int s_maxTokens = LongForm.Or(inShort: 256, inLong: 1_024);

    public static TheoryData<SchemaCase> Cases => new(SchemaCase.All);

    [Theory, MemberData(nameof(Cases))]
    public async Task Every_answer_is_valid(SchemaCase schema)
    {
        // Closed, as a typed answer is: of an object that may have any further members 2 in 100 answers went on to 16,000 tokens.
        Constraint constraint = Constraint.JsonSchema(schema.Schema, closed: true);
        await using TextEngine engine = new(demo.Model, new TextEngineOptions { MaxAnswers = 8 });
        int count = LongForm.Or(inShort: 1, inLong: 100);
        (string Text, GenerationStatistics Took)[] answers = await Task.WhenAll(Enumerable.Range(0, count).Select(async seed =>
        {
            Completion completion = engine.Complete([new("user", $"An example of {schema.Name}, please.")], new CompletionOptions
            {
                Generation = new()
                {
                    Constraint = constraint,
                    MaxTokens = s_maxTokens,
                    Sampling = new() { Temperature = 1, Seed = (ulong)seed },
                },
            });
            return (await completion.TextAsync(), completion.Statistics!);
        }));
        int byItself = answers.Count(answer => answer.Took.StopReason is StopReason.Complete or StopReason.EndToken);
        double tokens = answers.Average(answer => answer.Took.GeneratedTokens);
        output.WriteLine($"{schema}: {count} answers, {byItself} ended by themselves, {count - byItself} closed, {tokens:f0} tokens");
        Assert.All(answers, answer => Assert.True(answer.Took.IsWhole));
        Assert.All(answers, answer => Assert.InRange(answer.Took.GeneratedTokens, 1, s_maxTokens));
        Assert.All(answers, answer => Assert.True(SchemaGenerationTests.IsValid(schema, answer.Text), answer.Text));
    }
}
