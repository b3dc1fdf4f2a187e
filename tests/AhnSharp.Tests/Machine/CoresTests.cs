using System;
using System.IO;
using AhnSharp.Machine;
using Xunit;

namespace AhnSharp.Tests.Machine;

public class CoresTests
{
    [Theory]
    [InlineData(new[] { "0", "1" }, 2, 2, "without hyper-threads")]
    [InlineData(new[] { "0,2", "1,3", "0,2", "1,3" }, 4, 2, "hyper-threads share")]
    [InlineData(new[] { "0-1", "0-1", "2-3", "2-3" }, 2, 1, "may use (4 in the machine)")]
    [InlineData(new[] { "0-1", "0-1", "2-3", "2-3" }, 1, 1, "may use (4 in the machine)")]
    [InlineData(new string[0], 6, 6, "does not list")]
    public void One_thread_per_physical_core_that_may_be_used(string[] siblings, int usable, int threads, string reason)
    {
        using TemporaryFolder folder = new();
        for (int cpu = 0; cpu < siblings.Length; cpu++)
        {
            string topology = folder.PathOf($"cpu{cpu}/topology");
            Directory.CreateDirectory(topology);
            File.WriteAllText(Path.Combine(topology, "thread_siblings_list"), siblings[cpu] + "\n");
        }
        Directory.CreateDirectory(folder.PathOf("cpufreq"));
        Cores cores = Cores.Read(folder.PathOf(""), usable);
        Assert.Equal(threads, cores.Threads);
        Assert.Contains(reason, cores.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void This_processor_has_a_name_and_cores()
    {
        Assert.NotEmpty(CpuName.Here);
        Assert.InRange(Cores.Here.Threads, 1, Environment.ProcessorCount);
    }
}
