using System;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Hub.Tests;

/// <summary>Redirects, the token, lists in pages, and every way in which a hub says no.</summary>
public sealed class NetworkTests : IDisposable
{
    private const string Name = "tiny-Q8_0.gguf", Token = "hf_secret";
    private readonly PullRun _run = new();
    private readonly byte[] _content = FakeHub.Noise(200_000, 1);

    public NetworkTests() => _run.Hub.Files[Name] = _content;

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task The_token_goes_to_the_endpoint_and_never_to_where_it_redirects()
    {
        int calls = 0;
        using LoopbackServer storage = new(
            call => call.FileAsync(_content, Interlocked.Increment(ref calls) < 4 ? 30_000 : int.MaxValue, ("ETag", "\"storage\"")));
        _run.Hub.OnFile = (call, content) => call.RedirectAsync(
            $"{storage.Address}signed?key=1", ("X-Linked-ETag", $"\"{FakeHub.Sha256Of(content)}\""), ("X-Linked-Size", "200000"),
            ("X-Repo-Commit", FakeHub.Commit));
        await _run.PullAsync(change: WithToken);
        _run.AssertWhole(Name);
        Assert.Equal(6, _run.Hub.Calls.Count);
        Assert.All(_run.Hub.Calls, call => Assert.Equal($"Bearer {Token}", call.Headers["Authorization"]));
        Assert.Equal(4, storage.Calls.Count);
        Assert.All(
            storage.Calls, call => Assert.DoesNotContain(call.Headers, header => header.Value.Contains(Token, StringComparison.Ordinal)));
        Assert.All(storage.Calls.Skip(1), call => Assert.Equal("\"storage\"", call.Headers["If-Range"]));
        Assert.Equal([null, "bytes=30000-", "bytes=60000-", "bytes=90000-"], storage.Calls.Select(call => call.Range));
    }

    [Fact]
    public async Task A_renamed_repository_is_followed_on_the_same_host_with_the_token()
    {
        _run.Hub.OnCall = async call =>
        {
            if (!call.Path.Contains("someone/tiny-GGUF", StringComparison.Ordinal)
                || call.Target.Contains("moved", StringComparison.Ordinal)) return false;
            await call.AnswerAsync(
                307, [], ("Location", call.Target + (call.Target.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "moved=1"));
            return true;
        };
        await _run.PullAsync(change: WithToken);
        _run.AssertWhole(Name);
        Assert.All(_run.Hub.Calls, call => Assert.Equal($"Bearer {Token}", call.Headers["Authorization"]));
    }

    [Fact]
    public async Task A_signed_address_that_ran_out_is_asked_for_again()
    {
        int calls = 0;
        using LoopbackServer storage = new(
            call => Interlocked.Increment(ref calls) == 1 ? call.AnswerAsync(403, "{}") : call.FileAsync(_content));
        _run.Hub.OnFile = (call, _) => call.RedirectAsync($"{storage.Address}signed?key={calls}");
        await _run.PullAsync();
        _run.AssertWhole(Name);
        Assert.Equal("/signed?key=1", storage.Calls.Last().Target);
    }

    [Theory]
    [InlineData("https://a.example/x", "http://b.example/x", "plain http")]
    [InlineData("http://a.example/x", "file:///etc/passwd", "address that can be used")]
    [InlineData("http://a.example/x", "gopher://b.example/", "address that can be used")]
    public void Redirects_that_are_not_safe_are_refused(string from, string to, string part) =>
        Assert.Contains(part, Assert.Throws<HubException>(() => HubConnection.Redirected(new Uri(from), new Uri(to))).Message,
            StringComparison.Ordinal);

    [Fact]
    public async Task Redirects_in_circles_and_to_nowhere_are_refused()
    {
        _run.Hub.OnFile = (call, _) => call.RedirectAsync(call.Target);
        await _run.RefusedAsync(null, null, "circles");
        _run.Hub.OnFile = (call, _) => call.AnswerAsync(302, []);
        await _run.RefusedAsync(null, null, "without an address");
    }

    [Theory]
    [InlineData("X-Linked-ETag", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"")]
    [InlineData("X-Repo-Commit", "ffffffffffffffffffffffffffffffffffffffff")]
    public async Task A_hub_that_contradicts_its_own_list_is_refused(string header, string value)
    {
        _run.Hub.OnFile = (call, content) => call.FileAsync(content, int.MaxValue, (header, value));
        await _run.RefusedAsync(null, null, "contradicts itself", Name);
    }

    [Fact]
    public async Task A_list_in_pages_is_read_to_its_end()
    {
        for (int i = 0; i < 7; i++) _run.Hub.Files[$"notes/{i}.txt"] = [(byte)i];
        _run.Hub.Files["last-F16.gguf"] = FakeHub.Noise(1000, 2);
        _run.Hub.PageLength = 2;
        await _run.PullAsync("f16", WithToken);
        _run.AssertWhole("last-F16.gguf");
        Assert.Equal(5, _run.Hub.Calls.Count(call => call.Path.Contains("/tree/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Pages_on_another_host_or_without_end_are_refused()
    {
        using LoopbackServer other = new(call => call.AnswerAsync(200, "[]"));
        string next = $"{other.Address}api/next";
        _run.Hub.OnCall = async call =>
        {
            if (!call.Path.Contains("/tree/", StringComparison.Ordinal)) return false;
            await call.AnswerAsync(200, "[]", ("Link", $"<{next}>; rel=\"next\""));
            return true;
        };
        await _run.RefusedAsync(null, WithToken, "another host", next);
        Assert.Empty(other.Calls);
        next = $"{_run.Hub.Address}api/models/{FakeHub.Repo}/tree/{FakeHub.Commit}?again";
        await _run.RefusedAsync(null, null, "without end");
    }

    [Theory]
    [InlineData(401, "GatedRepo", false, "is gated", "HF_TOKEN", "/someone/tiny-GGUF")]
    [InlineData(403, "GatedRepo", true, "is gated", "the token of HF_TOKEN has no access")]
    [InlineData(401, "RepoNotFound", false, "no public model someone/tiny-GGUF", "HF_TOKEN")]
    [InlineData(401, "RepoNotFound", true, "has no model someone/tiny-GGUF", "the token of HF_TOKEN may not see it")]
    [InlineData(401, "", true, "does not take the token of HF_TOKEN", "settings/tokens")]
    [InlineData(403, "", false, "does not allow", "put a token into HF_TOKEN")]
    [InlineData(403, "", true, "does not allow", "needs the right to read")]
    [InlineData(404, "RepoNotFound", false, "has no model someone/tiny-GGUF", "private")]
    [InlineData(404, "RevisionNotFound", false, "no branch, tag or commit 'main'")]
    [InlineData(418, "", false, "answered 418", "HF_ENDPOINT")]
    [InlineData(407, "", false, "proxy", "NAME:PASSWORD")]
    public async Task A_refusal_of_the_list_says_what_to_do(int status, string code, bool hasToken, params string[] parts)
    {
        _run.Hub.OnCall = async call =>
        {
            if (!call.Path.Contains("/revision/", StringComparison.Ordinal)) return false;
            await call.AnswerAsync(status, "{}", code.Length == 0 ? [] : [("X-Error-Code", code)]);
            return true;
        };
        await _run.RefusedAsync(null, hasToken ? WithToken : null, parts);
    }

    [Fact]
    public async Task A_file_that_is_gated_or_gone_is_named()
    {
        _run.Hub.OnFile =
            (call, _) => call.AnswerAsync(404, "{}", ("X-Error-Code", "EntryNotFound"), ("X-Error-Message", "Entry not found\u001b[31m"));
        HubException refused = await _run.RefusedAsync(null, null, Name, "is not there at 'main'", "Entry not found");
        Assert.DoesNotContain('\u001b', refused.Message);
        _run.Hub.OnFile = (call, _) => call.AnswerAsync(403, "{}", ("X-Error-Code", "GatedRepo"));
        await _run.RefusedAsync(null, null, "is gated");
    }

    [Fact]
    public async Task Names_like_a_missing_one_are_told()
    {
        _run.Hub.OnCall = async call =>
        {
            if (call.Path.Contains("/revision/", StringComparison.Ordinal))
                await call.AnswerAsync(404, "{}", ("X-Error-Code", "RepoNotFound"));
            else if (call.Target.StartsWith("/api/models?search=tiny-GGUF", StringComparison.Ordinal))
                await call.AnswerAsync(200, """[{"id": "someone/Tiny-GGUF"}, {"id": "../evil"}, {"id": "other/tiny"}]""");
            else return false;
            return true;
        };
        HubException refused = await _run.RefusedAsync(null, null, "someone/Tiny-GGUF, other/tiny.");
        Assert.DoesNotContain("evil", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/html", "<html><body>Log in to the hotel's network</body></html>", "text/html")]
    [InlineData("application/json", "<html>", "something that is none")]
    [InlineData("application/json", "{}", "a commit of 40 hex digits")]
    [InlineData("application/json", """{"sha": "../../etc"}""", "a commit of 40 hex digits")]
    public async Task What_is_no_hub_is_said_to_be_none(string type, string body, string part)
    {
        _run.Hub.OnCall = async call =>
        {
            await call.AnswerAsync(200, System.Text.Encoding.UTF8.GetBytes(body), ("Content-Type", type));
            return true;
        };
        await _run.RefusedAsync(null, null, part, "HF_ENDPOINT");
    }

    [Theory]
    [InlineData("oid", "\"../../../evil\"")]
    [InlineData("oid", "\"ABCDEF\"")]
    [InlineData("lfs", """{"oid": "/etc/passwd", "size": 3}""")]
    [InlineData("lfs", """{"oid": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "size": -3}""")]
    [InlineData("lfs", """{"oid": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "size": "many"}""")]
    [InlineData("path", "17")]
    public async Task An_entry_that_cannot_be_meant_is_refused(string member, string json)
    {
        _run.Hub.OnEntry = entry => entry[member] = JsonNode.Parse(json);
        await _run.RefusedAsync(null, null, "as a hub answers");
    }

    [Theory]
    [InlineData("""[{"type": "file", "path": "\ud800.gguf", "oid": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "size": 3}]""")]
    [InlineData("""[{"type": "file", "\ud800": 1, "path": "a.gguf", "oid": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "size": 3}]""",
        "half of one")]
    [InlineData("""{"type": "file"}""")]
    [InlineData("""[{"type": "file", "path": "a.gguf", "size": 3}]""")]
    [InlineData("""[[]]""", "it is empty")]
    public async Task A_list_that_is_none_is_refused(string json, string part = "as a hub answers")
    {
        _run.Hub.OnCall = async call =>
        {
            if (!call.Path.Contains("/tree/", StringComparison.Ordinal)) return false;
            await call.AnswerAsync(200, json);
            return true;
        };
        await _run.RefusedAsync(null, null, part);
    }

    [Theory]
    [InlineData("../../../evil-Q8_0.gguf", "'..'")]
    [InlineData("/tmp/evil-Q8_0.gguf", "absolute")]
    [InlineData("a/../../evil-Q8_0.gguf", "'..'")]
    [InlineData("a\\..\\evil-Q8_0.gguf", "character")]
    [InlineData("C:evil-Q8_0.gguf", "character")]
    [InlineData("a//evil-Q8_0.gguf", "empty part")]
    [InlineData("./evil-Q8_0.gguf", "'.'")]
    [InlineData("a\u0007-Q8_0.gguf", "\\u0007")]
    [InlineData("a\0b-Q8_0.gguf", "\\u0000")]
    [InlineData("NUL/evil-Q8_0.gguf", "device")]
    [InlineData("a /evil-Q8_0.gguf", "space")]
    public async Task A_hostile_name_is_refused_before_anything_is_written(string name, string part)
    {
        _run.Hub.Files.Clear();
        _run.Hub.Files[name] = _content;
        await _run.RefusedAsync(null, null, part, "refused");
        Assert.False(Directory.Exists(_run.Cache));
        Assert.Empty(_run.Hub.FileCalls);
    }

    [Fact]
    public async Task Hostile_names_beside_the_chosen_file_do_not_matter()
    {
        _run.Hub.Files["../../../evil.txt"] = _content;
        await _run.PullAsync();
        _run.AssertWhole(Name);
        Assert.Single(_run.Hub.FileCalls);
    }

    [Fact]
    public async Task A_disk_without_room_is_known_before_the_first_byte()
    {
        await _run.RefusedAsync(
            null, settings => settings with { FreeBytes = _ => 199_999 }, "200,000 bytes", "199,999 bytes", "ahn remove");
        Assert.False(Directory.Exists(_run.Cache));
        // What is there of it already needs no room.
        Directory.CreateDirectory(_run.Blobs);
        await File.WriteAllBytesAsync(Path.Combine(_run.Blobs, FakeHub.Sha256Of(_content) + ".incomplete"), _content[..1]);
        await _run.PullAsync(change: settings => settings with { FreeBytes = _ => 199_999 });
        _run.AssertWhole(Name);
    }

    private static HubSettings WithToken(HubSettings settings) => settings with { Token = Token };
}
