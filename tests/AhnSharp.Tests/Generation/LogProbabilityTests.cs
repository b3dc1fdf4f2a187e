using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using AhnSharp.Generation;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Tests.Generation;

public sealed class LogProbabilityTests(DemoText demo) : IClassFixture<DemoText>
{
    private const string Prompt = "It was a dark night, and the Count";

    [Fact]
    public async Task Each_token_comes_with_the_probability_that_the_logits_give_it()
    {
        await using TextEngine engine = new(demo.Model);
        // Drawn hot and with penalties: what is told is what the model found, not what the sampler made of it.
        CompletionOptions options = new()
        {
            Generation = new()
            {
                MaxTokens = 12,
                TopLogProbabilities = 20,
                Sampling = new() { Temperature = 2, Seed = 1, RepeatPenalty = 1.3f },
            },
        };
        string text = "";
        List<GeneratedToken> tokens = [];
        await foreach (AnswerPiece piece in engine.Continue(Prompt, options).PiecesAsync())
        {
            text += piece.Text;
            tokens.AddRange(piece.Tokens);
        }
        Assert.Equal(12, tokens.Count);
        Assert.Equal(text, demo.Tokenizer.Decode([.. tokens.Select(token => token.Id)]));
        Assert.Contains(tokens, token => token.Top[0].Id != token.Id);
        using LanguageSession session = demo.Model.Model.CreateSession();
        demo.Model.Model.Forward(session, demo.Tokenizer.Encode(Prompt));
        foreach (GeneratedToken token in tokens)
        {
            float[] logits = session.LastLogits.ToArray();
            double sum = logits.Sum(logit => Math.Exp(logit));
            Assert.Equal(Math.Log(Math.Exp(logits[token.Id]) / sum), token.LogProbability, 3);
            (float Logit, int Id)[] best =
                [.. logits.Select((logit, id) => (logit, id)).OrderByDescending(one => one.logit).ThenBy(one => one.id).Take(20)];
            Assert.Equal(best.Select(one => one.Id), token.Top.Select(one => one.Id));
            Assert.All(best.Zip(token.Top),
                pair => Assert.Equal(Math.Log(Math.Exp(pair.First.Logit) / sum), pair.Second.LogProbability, 3));
            demo.Model.Model.Forward(session, [token.Id]);
        }
    }

    [Fact]
    public async Task None_are_told_where_none_are_asked_for_and_more_than_twenty_are_refused()
    {
        CompletionOptions none = new() { Generation = new() { MaxTokens = 4 } };
        await foreach (AnswerPiece piece in demo.Model.Complete([new("user", Prompt)], null, none).PiecesAsync())
            Assert.Empty(piece.Tokens);
        Assert.StartsWith("TopLogProbabilities", Assert.Throws<ArgumentException>(
            () => new GenerationOptions { TopLogProbabilities = 21 }.Validate()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Zero_alternatives_tell_the_chosen_token_alone()
    {
        CompletionOptions options = new() { Generation = new() { MaxTokens = 4, TopLogProbabilities = 0 } };
        List<GeneratedToken> tokens = [];
        await foreach (AnswerPiece piece in demo.Model.Complete([new("user", Prompt)], null, options).PiecesAsync())
            tokens.AddRange(piece.Tokens);
        Assert.NotEmpty(tokens);
        Assert.All(tokens, token => Assert.Empty(token.Top));
        Assert.All(tokens, token => Assert.InRange(token.LogProbability, -20, 0));
    }
}
