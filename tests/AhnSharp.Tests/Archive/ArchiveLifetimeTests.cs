using System;
using System.IO;
using System.Linq;
using System.Threading;
using AhnSharp.Archive;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using AhnSharp.Tests.Model;
using AhnSharp.Tests.Sessions;
using Xunit;

namespace AhnSharp.Tests.Archive;

/// <summary>As LifetimeTests, with files behind the sessions: nobody reads what was unmapped, or another's blocks.</summary>
public sealed class ArchiveLifetimeTests
{
    private static readonly SessionOptions s_session = new()
    {
        Window = 40,
        Sinks = 4,
        Archive = new ArchiveOptions { BlockTokens = 8, CentreBlocks = 3, Candidates = 4, AttendedBlocks = 2, Threshold = -1e9f },
    };

    [Fact]
    public void Six_threads_of_random_calls_on_shared_archives_find_no_unmapped_memory()
    {
        TimeSpan time = TimeSpan.FromSeconds(LongForm.Or(4, 60));
        using var folder = new TemporaryFolder();
        using var file = new TinyModelFile(ForkTests.Tiny(HippocampusKind.DeltaNet), chunk: 32);
        LanguageSession[] shared = [.. Enumerable.Range(0, 4).Select(_ => file.Model.CreateSession(s_session))];
        LifetimeTests.OnThreads(6, time, (number, random) => Act(file, shared, Path.Combine(folder.Path, $"{number}.ahn"), random));
        // What is left is what its tokens say, whoever read and wrote them.
        foreach (LanguageSession session in shared)
        {
            using LanguageSession alone = file.Model.CreateSession(s_session);
            if (session.Position > 0) file.Model.Forward(alone, session.ReadTokens(), TokenPhase.Reading);
            Assert.Equal(alone.ArchiveBytes, session.ArchiveBytes);
            session.Dispose();
        }
    }

    private static void Act(TinyModelFile file, LanguageSession[] shared, string path, Random random)
    {
        int place = random.Next(shared.Length);
        LanguageSession session = Volatile.Read(ref shared[place]);
        int[] ids = SessionTests.Ids(random.Next(1, 90), random.Next());
        switch (random.Next(10))
        {
            case 0:
                Interlocked.Exchange(ref shared[place], file.Model.CreateSession(s_session)).Dispose();
                break;
            case 1:
                session.Reset();
                break;
            case 2:
            case 3:
                Interlocked.Exchange(ref shared[place], session.Fork()).Dispose();
                break;
            case 4:
                session.Save(path);
                break;
            case 5:
                session.Save(path);
                Interlocked.Exchange(ref shared[place], file.Model.LoadSession(path)).Dispose();
                break;
            case 6:
                using (CancellationTokenSource soon = new(TimeSpan.FromMilliseconds(random.Next(1, 4))))
                    file.Model.Forward(session, ids, soon.Token);
                break;
            default:
                LanguageSession other = Volatile.Read(ref shared[(place + 1) % shared.Length]);
                if (other == session) return;
                StepOutcome[] outcomes = new StepOutcome[2];
                file.Model.Step([new SequenceSlice(session, ids.AsMemory(0, 1)),
                    new SequenceSlice(other, ids.AsMemory(0, Math.Min(ids.Length, 31)))], outcomes);
                Assert.All(outcomes, outcome => Assert.True(outcome.Cause is null or ObjectDisposedException, outcome.Cause?.ToString()));
                break;
        }
    }
}
