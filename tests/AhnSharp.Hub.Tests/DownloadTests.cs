using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Hub.Tests;

/// <summary>One file over a line that fails in every way a line can.</summary>
public sealed class DownloadTests : IDisposable
{
    private const string Name = "tiny-Q8_0.gguf";
    private readonly PullRun _run = new();
    private readonly byte[] _content = FakeHub.Noise(300_000, 1);

    public DownloadTests() => _run.Hub.Files[Name] = _content;

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task A_line_cut_thirty_times_at_random_bytes_gives_the_whole_file()
    {
        Random random = new(30);
        int cuts = 0;
        _run.Hub.OnFile = (call, content) =>
        {
            if (cuts == 30) return call.FileAsync(content);
            cuts++;
            return call.FileAsync(content, random.Next(1, content.Length / 40));
        };
        PullResult result = await _run.PullAsync();
        _run.AssertWhole(Name);
        Assert.Equal(30, cuts);
        Assert.Equal(31, _run.Hub.FileCalls.Count);
        // Every attempt but the first goes on from a later byte than the one before.
        int[] from = [.. _run.Hub.FileCalls.Select(call => call.From)];
        Assert.Equal(0, from[0]);
        Assert.All(from.Zip(from.Skip(1)), pair => Assert.True(pair.First < pair.Second, $"from byte {pair.First} to {pair.Second}"));
        Assert.Equal(_content.Length, result.FetchedBytes);
        Assert.Equal(30, _run.Progress.Count(progress => progress.Stage == FileStage.Retrying));
    }

    [Fact]
    public async Task A_line_reset_in_the_middle_is_tried_again()
    {
        int calls = 0;
        _run.Hub.OnFile = async (call, content) =>
        {
            await call.FileAsync(content, Interlocked.Increment(ref calls) == 1 ? 100_000 : int.MaxValue);
            if (calls == 1) ((NetworkStream)call.Line).Socket.LingerState = new LingerOption(true, 0);
        };
        await _run.PullAsync();
        _run.AssertWhole(Name);
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task A_server_that_brings_no_new_byte_is_given_up_after_eight_attempts()
    {
        // The same first bytes again and again, ranges ignored: that is no progress.
        _run.Hub.OnFile = async (call, content) =>
        {
            await call.HeadAsync(200, content.Length);
            await call.Line.WriteAsync(content.AsMemory(0, 1000));
        };
        await _run.RefusedAsync(null, null, "8 attempts", "run the command again");
        Assert.Equal(8, _run.Hub.FileCalls.Count);
        Assert.Equal(1000, new FileInfo(Path.Combine(_run.Blobs, FakeHub.Sha256Of(_content) + ".incomplete")).Length);
    }

    [Fact]
    public async Task A_stalled_line_is_cut_and_gone_on_from()
    {
        int calls = 0;
        _run.Hub.OnFile = async (call, content) =>
        {
            if (Interlocked.Increment(ref calls) > 1)
            {
                await call.FileAsync(content);
                return;
            }
            await call.FileAsync(content, 70_000);
            await Task.Delay(TimeSpan.FromSeconds(30));
        };
        await _run.PullAsync(change: settings => settings with { StallLimit = TimeSpan.FromSeconds(0.3) });
        _run.AssertWhole(Name);
        Assert.Equal("bytes=70000-", _run.Hub.FileCalls[1].Range);
        Assert.Contains(_run.Progress, progress => progress.Note?.Contains("sent nothing for 0.3 s", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task A_server_that_says_nothing_at_all_is_not_waited_for_for_ever()
    {
        _run.Hub.OnCall = async _ =>
        {
            await Task.Delay(TimeSpan.FromSeconds(30));
            return true;
        };
        await _run.RefusedAsync(
            null, settings => settings with { StallLimit = TimeSpan.FromSeconds(0.1), Retry = settings.Retry with { Attempts = 2 } },
            "sent nothing", "2 attempts");
    }

    [Theory]
    [InlineData(429, "7", 7.0)]
    [InlineData(503, "Mon, 01 Jan 2001 00:00:00 GMT", 0.0)]
    [InlineData(500, null, null)]
    public async Task Too_many_requests_and_server_errors_are_waited_out(int status, string? retryAfter, double? pause)
    {
        List<TimeSpan> pauses = [];
        int calls = 0;
        _run.Hub.OnFile = (call, content) => Interlocked.Increment(ref calls) > 2
            ? call.FileAsync(content)
            : call.AnswerAsync(status, "{}", retryAfter is null ? [] : [("Retry-After", retryAfter)]);
        await _run.PullAsync(change: settings => settings with
        {
            Retry = new RetryPolicy
            {
                Wait = (time, _) =>
                {
                    pauses.Add(time);
                    return Task.CompletedTask;
                },
            },
        });
        _run.AssertWhole(Name);
        Assert.Equal(2, pauses.Count);
        if (pause is { } seconds) Assert.All(pauses, time => Assert.Equal(seconds, time.TotalSeconds));
        else
        {
            // Doubling, drawn from the upper half.
            Assert.InRange(pauses[0].TotalSeconds, 0.25, 0.5);
            Assert.InRange(pauses[1].TotalSeconds, 0.5, 1.0);
        }
    }

    [Fact]
    public async Task A_server_that_asks_for_an_hour_is_not_waited_for()
    {
        _run.Hub.OnFile = (call, _) => call.AnswerAsync(429, "{}", ("Retry-After", "3600"));
        await _run.RefusedAsync(null, null, "429", "60 minutes");
    }

    [Fact]
    public async Task A_server_that_ignores_ranges_begins_anew_and_is_not_glued()
    {
        int calls = 0;
        _run.Hub.OnFile = async (call, content) =>
        {
            await call.HeadAsync(200, content.Length);
            await call.Line.WriteAsync(content.AsMemory(0, Interlocked.Increment(ref calls) == 1 ? 50_000 : content.Length));
        };
        await _run.PullAsync();
        _run.AssertWhole(Name);
        Assert.Equal("bytes=50000-", _run.Hub.FileCalls[1].Range);
    }

    [Fact]
    public async Task A_file_that_changes_between_attempts_is_not_glued()
    {
        byte[] other = FakeHub.Noise(300_000, 2);
        int calls = 0;
        // The first attempt gives another content under another ETag, and is cut.
        _run.Hub.OnFile = (call, content) => Interlocked.Increment(ref calls) == 1
            ? call.FileAsync(other, 90_000, ("ETag", "\"one\""))
            : call.FileAsync(content, int.MaxValue, ("ETag", "\"two\""));
        await _run.PullAsync();
        _run.AssertWhole(Name);
        Assert.Equal("\"one\"", _run.Hub.FileCalls[1].Headers["If-Range"]);
        Assert.Contains(_run.Progress, progress => progress.Note?.Contains("changed", StringComparison.Ordinal) == true);
        Assert.Null(_run.Hub.FileCalls[2].Range);
    }

    [Fact]
    public async Task A_changed_file_by_the_rules_of_If_Range_is_begun_anew()
    {
        byte[] other = FakeHub.Noise(300_000, 2);
        int calls = 0;
        _run.Hub.OnFile = async (call, content) =>
        {
            if (Interlocked.Increment(ref calls) == 1)
            {
                await call.FileAsync(other, 90_000, ("ETag", "\"one\""));
                return;
            }
            Assert.Equal("\"one\"", call.Headers["If-Range"]);
            await call.AnswerAsync(200, content, ("ETag", "\"two\""));
        };
        await _run.PullAsync();
        _run.AssertWhole(Name);
        Assert.Equal(2, calls);
    }

    [Theory]
    [InlineData("bytes 1-299999/300000")]
    [InlineData("bytes 99999-299999/300000")]
    [InlineData("bytes 100000-200000/300000")]
    [InlineData("lines 100000-299999/300000")]
    public async Task A_range_that_was_not_asked_for_is_not_glued(string lie)
    {
        int calls = 0;
        _run.Hub.OnFile = (call, content) => Interlocked.Increment(ref calls) switch
        {
            1 => call.FileAsync(content, 100_000),
            2 => call.AnswerAsync(206, content[1..200_001], ("Content-Range", lie)),
            _ => call.FileAsync(content),
        };
        await _run.PullAsync();
        _run.AssertWhole(Name);
        Assert.Equal([null, "bytes=100000-", null], _run.Hub.FileCalls.Select(call => call.Range));
    }

    [Theory]
    [InlineData(299_999)]
    [InlineData(300_001)]
    [InlineData(12)]
    public async Task A_length_that_is_not_the_lists_is_refused(int announced)
    {
        _run.Hub.OnFile = async (call, content) =>
        {
            await call.HeadAsync(200, announced);
            await call.Line.WriteAsync(content);
        };
        await _run.RefusedAsync(null, null, announced.ToString("N0", CultureInfo.InvariantCulture), "300,000", Name);
    }

    [Fact]
    public async Task More_bytes_than_the_file_has_are_kept_aside()
    {
        _run.Hub.OnFile = async (call, content) =>
        {
            await call.HeadAsync(200, 0, ("Transfer-Encoding", "chunked"));
            await call.Line.WriteAsync("493e1\r\n"u8.ToArray());
            await call.Line.WriteAsync((byte[])[.. content, 0]);
            await call.Line.WriteAsync("\r\n0\r\n\r\n"u8.ToArray());
        };
        await _run.RefusedAsync(null, null, "300,000", "found more", ".corrupt");
    }

    [Fact]
    public async Task A_file_that_is_shorter_at_the_server_is_kept_aside()
    {
        byte[] shorter = _content[..200_000];
        _run.Hub.OnFile = async (call, _) =>
        {
            // Without a length the end of the line looks like the end of the file.
            if (call.Range is null)
                await call.AnswerAsync(200, [.. "30d40\r\n"u8, .. shorter, .. "\r\n0\r\n\r\n"u8], ("Transfer-Encoding", "chunked"));
            else await call.FileAsync(shorter);
        };
        await _run.RefusedAsync(null, null, "300,000", "200,000", ".corrupt");
    }

    [Fact]
    public async Task Wrong_bytes_are_refused_kept_aside_and_not_gone_on_from()
    {
        byte[] wrong = FakeHub.Noise(_content.Length, 3);
        _run.Hub.OnFile = (call, _) => call.FileAsync(wrong);
        HubException refused = await _run.RefusedAsync(
            null, null, "SHA-256", FakeHub.Sha256Of(_content), FakeHub.Sha256Of(wrong), ".corrupt");
        string aside = Path.Combine(_run.Blobs, FakeHub.Sha256Of(_content) + ".corrupt");
        Assert.Contains(aside, refused.Message, StringComparison.Ordinal);
        Assert.Equal(wrong, File.ReadAllBytes(aside));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_run.RepoFolder, "snapshots")));

        _run.Hub.OnFile = null;
        await _run.PullAsync();
        _run.AssertWhole(Name);
        Assert.Null(_run.Hub.FileCalls[^1].Range);
    }

    [Fact]
    public async Task Wrong_bytes_of_a_file_in_git_are_refused_by_its_git_hash()
    {
        _run.Hub.Files["config.json"] = "{}"u8.ToArray();
        _run.Hub.OnFile = (call, _) => call.FileAsync("[]"u8.ToArray());
        await _run.RefusedAsync("config.json", null, "git hash", FakeHub.GitHashOf("{}"u8.ToArray()));
    }

    [Fact]
    public async Task A_partial_file_of_an_earlier_run_is_read_again_and_gone_on_from()
    {
        Directory.CreateDirectory(_run.Blobs);
        await File.WriteAllBytesAsync(Path.Combine(_run.Blobs, FakeHub.Sha256Of(_content) + ".incomplete"), _content[..123_456]);
        PullResult result = await _run.PullAsync();
        _run.AssertWhole(Name);
        Assert.Equal("bytes=123456-", Assert.Single(_run.Hub.FileCalls).Range);
        Assert.Equal(_content.Length - 123_456, result.FetchedBytes);
        Assert.Contains(_run.Progress, progress => progress.Stage == FileStage.Rereading);
    }

    [Fact]
    public async Task A_partial_file_with_wrong_bytes_is_found_by_the_hash_of_the_whole()
    {
        Directory.CreateDirectory(_run.Blobs);
        await File.WriteAllBytesAsync(Path.Combine(_run.Blobs, FakeHub.Sha256Of(_content) + ".incomplete"), FakeHub.Noise(5000, 9));
        await _run.RefusedAsync(null, null, "SHA-256", ".corrupt");
        await _run.PullAsync();
        _run.AssertWhole(Name);
    }

    [Fact]
    public async Task A_cancelled_download_keeps_what_came()
    {
        using CancellationTokenSource leaving = new();
        TaskCompletionSource released = new();
        _run.Hub.OnFile = async (call, content) =>
        {
            await call.FileAsync(content, 100_000);
            await leaving.CancelAsync();
            await released.Task;
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _run.PullAsync(cancellationToken: leaving.Token));
        released.SetResult();
        long kept = new FileInfo(Path.Combine(_run.Blobs, FakeHub.Sha256Of(_content) + ".incomplete")).Length;
        Assert.InRange(kept, 0, 100_000);
        _run.Hub.OnFile = null;
        await _run.PullAsync();
        _run.AssertWhole(Name);
        Assert.Equal((int)kept, _run.Hub.FileCalls[^1].From);
    }
}
