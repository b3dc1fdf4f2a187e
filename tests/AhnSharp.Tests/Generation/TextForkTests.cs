using System.Collections.Generic;
using System.Threading.Tasks;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Tests.Generation;

public sealed class TextForkTests(DemoText demo) : IClassFixture<DemoText>
{
    private static readonly GenerationOptions Drawing =
        new() { MaxTokens = 12, Sampling = new() { Temperature = 1, RepeatPenalty = 1.1f, Seed = 3 } };

    [Fact]
    public async Task A_fork_goes_on_by_itself_and_says_what_the_other_would_have_said()
    {
        using TextSession session = demo.Model.CreateSession(new SessionOptions { Window = 100, Sinks = 4 }, DemoText.System);
        await session.ReadAsync(DemoText.Prose(30) + " The last wor");
        using TextSession first = session.Fork(), second = session.Fork();
        Assert.Null(first.Statistics);
        string answer = await first.AnswerAsync("d is not whole.", Drawing);
        // The other was not touched: neither the text not settled yet, nor the state, nor what penalties look back on.
        Assert.Equal(answer, await second.AnswerAsync("d is not whole.", Drawing));
        Assert.NotEqual(session.State.Position, first.State.Position);
        Assert.Equal(answer, await session.AnswerAsync("d is not whole.", Drawing));
        using TextSession later = first.Fork();
        Assert.Equal(await first.AnswerAsync("And?", Drawing), await later.AnswerAsync("And?", Drawing));
        Assert.NotEqual(answer, await second.AnswerAsync("Something else?", Drawing));
    }

    [Fact]
    public async Task A_fork_is_not_taken_in_the_middle_of_an_answer()
    {
        using TextSession session = demo.Model.CreateSession();
        await using IAsyncEnumerator<string> answer = session.AskAsync(DemoText.Prose(3), Drawing).GetAsyncEnumerator();
        Assert.True(await answer.MoveNextAsync());
        Assert.Throws<System.InvalidOperationException>(() => session.Fork());
    }
}
