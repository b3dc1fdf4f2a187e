using System.Linq;
using System.Threading.Tasks;
using AhnSharp.Constraints;
using AhnSharp.Generation;
using Xunit;
using Xunit.Abstractions;

namespace AhnSharp.Tests.Constraints;

/// <summary>
/// What the demo model writes at temperature 1 for ten schemas, judged by JsonSchema.Net. The long form, 1,000 answers, is
/// <c>AHN_LONG_TESTS=1 dotnet test -c Release --filter ModelGenerationTests</c>.
/// </summary>
public sealed class ModelGenerationTests(DemoText demo, ITestOutputHelper output) : IClassFixture<DemoText>
{
    // A string without a longest length may go on for as long as the model likes, and 40 items (more than the 32 that masks count) with
    // their white space take more than 4,000 tokens once in a hundred answers.
    private const int MaxTokens = 16_000;

    public static TheoryData<SchemaCase> Cases => new(SchemaCase.All);

    [Theory, MemberData(nameof(Cases))]
    public async Task Every_answer_is_valid(SchemaCase schema)
    {
        // Closed, as a typed answer is: of an object that may have any further members 2 in 100 answers went on to 16,000 tokens.
        Constraint constraint = Constraint.JsonSchema(schema.Schema, closed: true);
        await using TextEngine engine = new(demo.Model, new TextEngineOptions { MaxAnswers = 8 });
        int count = LongForm.Or(inShort: 1, inLong: 100);
        (string Text, StopReason Reason)[] answers = await Task.WhenAll(Enumerable.Range(0, count).Select(async seed =>
        {
            Completion completion = engine.Complete([new("user", $"An example of {schema.Name}, please.")], new CompletionOptions
            {
                Generation = new()
                {
                    Constraint = constraint,
                    MaxTokens = MaxTokens,
                    Sampling = new() { Temperature = 1, Seed = (ulong)seed },
                },
            });
            return (await completion.TextAsync(), completion.Statistics!.StopReason);
        }));
        string[] cut = [.. answers.Where(answer => answer.Reason == StopReason.MaxTokens).Select(answer => answer.Text)];
        double characters = answers.Average(answer => answer.Text.Length);
        output.WriteLine($"{schema}: {count} answers, {cut.Length} cut at {MaxTokens} tokens, {characters:f0} characters");
        Assert.Empty(cut);
        Assert.All(answers, answer => Assert.True(SchemaGenerationTests.IsValid(schema, answer.Text), answer.Text));
    }
}
