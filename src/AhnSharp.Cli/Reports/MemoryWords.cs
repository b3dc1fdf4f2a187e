using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using AhnSharp.Cli.Display;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Reports;

/// <summary>What a memory keeps and what an archive keeps, in plain words: the two are told apart wherever numbers stand.</summary>
internal static class MemoryWords
{
    /// <summary>A paragraph for each memory that was measured, and one about the archive, also where there was none.</summary>
    internal static void Add(HtmlReport page, IReadOnlyList<SessionPlan> plans, int tokens)
    {
        if (plans.Any(plan => plan.Mode == MemoryMode.Full))
        {
            page.Paragraph("Full attention keeps every token exactly, and what it takes grows with the text. It is what the others are "
                + "measured by.");
        }
        if (plans.Any(plan => plan.Mode == MemoryMode.Window))
            page.Paragraph("A window alone keeps the first S and the last W tokens exactly, and nothing of what lies between.");
        if (plans.Any(plan => plan.HasMemory))
        {
            page.Paragraph("Window + memory folds what leaves the window into a memory of fixed size. That is gist, not words: the model "
                + "goes on with an impression of the text, and an exact name or number that left the window is lost unless the memory was "
                + "trained to keep such things.");
        }
        if (plans.FirstOrDefault(plan => plan.Archive is not null) is { Archive: { } archive })
        {
            page.Paragraph($"An archive was in use ({MemoryName.OptionOf(archive.Type)}): it keeps exactly, up to the rounding of that "
                + "type, what left the window, in a file that grows with the text, as its index in memory does, "
                + "and each question reads the passages of it that matter. "
                + "Facts that come back from it are the archive's doing, not the memory's.");
        }
        else if (plans.Any(plan => plan.Mode != MemoryMode.Full))
        {
            page.Paragraph("No archive was in use, so no number here owes anything to one.");
        }
        int widest = plans.Where(plan => plan.Mode != MemoryMode.Full).Select(plan => plan.Window + plan.Sinks).DefaultIfEmpty(0).Max();
        if (widest >= tokens)
        {
            page.Paragraph(string.Create(CultureInfo.InvariantCulture, $"The text has {tokens:N0} tokens and the widest window holds "
                + $"{widest:N0}: nothing left it, so what differs there is rounding. A longer text shows what forgetting costs."));
        }
    }

    internal static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
