using System;
using System.IO;

namespace AhnSharp.Machine;

/// <summary>The processors of this machine, how many of them this process may use, and how many threads follow from that.</summary>
/// <param name="Machine">Logical processors that the system lists; 0 where it does not say.</param>
/// <param name="MachineCores">Physical cores that the system lists; 0 where it does not say.</param>
/// <param name="Usable">Logical processors that this process may use: fewer in a container or under an affinity mask.</param>
/// <param name="Threads">Threads that compute by default: one a usable physical core, since hyper-threads share the multipliers.</param>
internal sealed record Cores(int Machine, int MachineCores, int Usable, int Threads)
{
    private const string Cpus = "/sys/devices/system/cpu";

    /// <summary>Of this machine and process, read once.</summary>
    public static Cores Here { get; } = Read(Cpus, Environment.ProcessorCount);

    /// <summary>Why <see cref="Threads"/> is what it is, one clause.</summary>
    public string Reason =>
        Machine == 0 ? $"one a logical processor ({Usable}): the system does not list its cores"
        : Usable < Machine
            ? $"one per physical core of the {Usable} logical processors that this process may use ({Machine} in the machine)"
        : Machine == MachineCores ? $"one per core ({Machine} of them, without hyper-threads)"
        : $"one per physical core ({MachineCores} of them; the {Machine} hyper-threads share their multipliers)";

    // Linux lists the hyper-threads that share a core; elsewhere every logical processor counts as a core.
    internal static Cores Read(string folder, int usable)
    {
        try
        {
            int cores = 0, cpus = 0;
            foreach (string cpu in Directory.Exists(folder) ? Directory.GetDirectories(folder, "cpu*") : [])
            {
                string siblings = Path.Combine(cpu, "topology", "thread_siblings_list");
                if (!File.Exists(siblings)) continue;
                cpus++;
                string first = File.ReadAllText(siblings).Split(',', '-')[0].Trim();
                if (Path.GetFileName(cpu) == "cpu" + first) cores++;
            }
            if (cores == 0) return new Cores(0, 0, usable, usable);
            // A container may own fewer processors than the machine shows: never start more threads than it owns.
            return new Cores(cpus, cores, usable, Math.Clamp((int)Math.Round((double)cores * usable / cpus), 1, usable));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Cores(0, 0, usable, usable);
        }
    }
}
