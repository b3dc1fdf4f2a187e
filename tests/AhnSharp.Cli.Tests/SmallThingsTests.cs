using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using AhnSharp.Cli.Options;
using AhnSharp.Gguf;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>Tokens counted, draws as a file wants them, events of a chat, models that saved chats remember, impossible lengths.</summary>
public sealed class SmallThingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Tokens_are_counted_shown_and_make_up_the_text()
    {
        const string Text = "The count is in the castle. <|im_start|>";
        AhnProcess shown = await AhnProcess.RunAsync(["tokens", Text, "--show", "--json"]);
        using JsonDocument json = JsonDocument.Parse(shown.Output);
        int count = json.RootElement.GetProperty("tokens").GetInt32();
        Assert.Equal(Text.Length, json.RootElement.GetProperty("characters").GetInt32());
        string[] pieces = [.. json.RootElement.GetProperty("pieces").EnumerateArray().Select(piece => piece.GetString()!)];
        Assert.Equal((count, Text), (pieces.Length, string.Concat(pieces)));
        AhnProcess ids = await AhnProcess.RunAsync(["tokens", "--ids"], Text);
        Assert.Equal(
            json.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()), ids.Output.Split(' ').Select(int.Parse));
        // A special token's name is text unless it is asked for.
        AhnProcess specials = await AhnProcess.RunAsync(["tokens", Text, "--specials", "--ids"]);
        Assert.True(specials.Output.Split(' ').Length < count, specials.Output);
        string file = _folder.PathOf("text.txt");
        await File.WriteAllTextAsync(file, Text);
        AhnProcess counted = await AhnProcess.RunAsync(["tokens", "-f", file]);
        Assert.Contains($"{count} tokens, ", counted.Output, StringComparison.Ordinal);
        (await AhnProcess.RunAsync(["tokens", Text, "-f", file])).AssertFailed(2, "give one of the two");
        (await AhnProcess.RunAsync(["tokens", Text, "--show", "--ids"])).AssertFailed(2, "--show");
    }

    [Fact]
    public void Keys_of_the_file_say_how_answers_are_drawn_and_the_family_says_the_rest()
    {
        SamplingOptions own = Draws(writer =>
        {
            writer.Add("general.sampling.temp", 0.25f);
            writer.Add("general.sampling.top_k", 7);
            writer.Add("general.sampling.penalty_last_n", 33);
        });
        Assert.Equal((0.25f, 7, 33), (own.Temperature, own.TopK, own.PenaltyTokens));
        // Qwen2.5's, which the file does not speak of.
        Assert.Equal((0.8f, 1.05f), (own.TopP, own.RepeatPenalty));
        Assert.Equal((0.7f, 20), (Draws(static _ => { }).Temperature, Draws(static _ => { }).TopK));
        InvalidModelException wrong =
            Assert.Throws<InvalidModelException>(() => Draws(writer => writer.Add("general.sampling.top_p", 7f)));
        Assert.Contains("general.sampling", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("--greedy", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chat_tells_events_a_turn_after_the_other()
    {
        AhnProcess chat = await AhnProcess.RunAsync(["chat", "--max-tokens", "5", "--jsonl"], "One.\nTwo.\n");
        Assert.True(chat.ExitCode == 0, chat.Errors);
        JsonElement[] events =
            [.. chat.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        JsonElement[] done = [.. events.Where(one => one.GetProperty("event").GetString() == "done")];
        Assert.Equal(2, done.Length);
        Assert.Equal("ahn-demo-q8_0.gguf", done[0].GetProperty("model").GetString());
        Assert.True(done[1].GetProperty("tokens_seen").GetInt64() > done[0].GetProperty("tokens_seen").GetInt64());
        Assert.Equal(
            done.Select(one => one.GetProperty("text").GetString()).Aggregate(string.Concat),
            string.Concat(events.Where(one => one.GetProperty("event").GetString() == "text")
                .Select(one => one.GetProperty("text").GetString())));
    }

    [Fact]
    public async Task A_chat_tells_an_object_for_each_answer()
    {
        AhnProcess chat = await AhnProcess.RunAsync(["chat", "--max-tokens", "5", "--json"], "One.\n/stats\nTwo.\n");
        Assert.True(chat.ExitCode == 0, chat.Errors);
        JsonElement[] answers =
            [.. chat.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(2, answers.Length);
        Assert.All(answers, answer => Assert.Equal(1, answer.GetProperty("format").GetInt32()));
        Assert.All(answers, answer => Assert.Equal("max_tokens", answer.GetProperty("stop_reason").GetString()));
        Assert.True(answers[1].GetProperty("reused_tokens").GetInt64() > answers[0].GetProperty("tokens_seen").GetInt64() - 2);
        // Text is there as it was said, and what fails is an object on one line too.
        AhnProcess said = await AhnProcess.RunAsync(["chat", "--max-tokens", "5"], "One.\n");
        Assert.Equal(said.Output.TrimEnd('\n'), answers[0].GetProperty("text").GetString());
        AhnProcess failed = await AhnProcess.RunAsync(["chat", "--json", "--session", "none.ahn"], "");
        Assert.Equal(1, Assert.Single(failed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("error").GetProperty("code").GetInt32())));
        Assert.Equal(2, (await AhnProcess.RunAsync(["chat", "--json", "--jsonl"], "")).ExitCode);
    }

    [Fact]
    public async Task A_saved_chat_remembers_its_model()
    {
        string model = _folder.PathOf("mine.gguf"), chat = _folder.PathOf("chat.ahn"), again = _folder.PathOf("again.ahn");
        File.Copy(DemoText.ModelPath, model);
        string[] few = ["--max-tokens", "3", "--verbose"];
        AhnProcess saved = await AhnProcess.RunAsync(["chat", "--model", model, .. few], $"One.\n/save {chat}\n");
        Assert.True(saved.ExitCode == 0, saved.Errors);
        // Neither names the model, and the one that is set is another.
        Dictionary<string, string?> set = new() { ["AHN_MODEL"] = DemoText.ModelPath };
        AhnProcess ask = await AhnProcess.RunAsync(["ask", chat, "Two?", .. few], environment: set);
        Assert.True(ask.ExitCode == 0, ask.Errors);
        Assert.Contains("mine.gguf:", ask.Errors, StringComparison.Ordinal);
        AhnProcess on = await AhnProcess.RunAsync(["chat", "--session", chat, .. few], $"Two.\n/save {again}\n", environment: set);
        Assert.Contains("mine.gguf:", on.Errors, StringComparison.Ordinal);
        Assert.Contains("mine.gguf:", (await AhnProcess.RunAsync(["ask", again, "Three?", .. few])).Errors, StringComparison.Ordinal);
        File.Delete(model);
        (await AhnProcess.RunAsync(["ask", chat, "Two?"])).AssertFailed(1, "mine.gguf", "--model");
    }

    [Fact]
    public async Task A_length_that_no_chat_can_have_is_a_wrong_option()
    {
        AhnProcess demo = await AhnProcess.RunAsync(["demo", "--tokens", "100"]);
        Assert.Equal((2, ""), (demo.ExitCode, demo.Output));
        Assert.Contains("--tokens: A chat with 8 codes needs at least", demo.Errors, StringComparison.Ordinal);
    }

    private static SamplingOptions Draws(Action<GgufWriter> keys)
    {
        using TinyModelFile file = new(new TinyModel { MoreKeys = keys });
        return SamplingDefaults.Of(file.Model.Metadata);
    }
}
