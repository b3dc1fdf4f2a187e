using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Server.Documents;

/// <summary>Documents one behind the other: in lists, and in collections.</summary>
internal static class DocumentOrder
{
    /// <summary>What a list gives behind a document.</summary>
    /// <param name="after">The document; null: all.</param>
    /// <param name="records">Those there are; what requests made of them is in no list.</param>
    /// <param name="isAscending">Oldest first.</param>
    /// <param name="purpose">Those of this purpose alone; null: all.</param>
    public static IEnumerable<DocumentRecord> Behind(
        DocumentRecord? after, IEnumerable<DocumentRecord> records, bool isAscending, string? purpose)
    {
        records = records.Where(record => record.DerivedFrom.Count == 0 && (purpose is null || record.Purpose == purpose));
        return isAscending
            ? records.Where(record => after is null || record.Number > after.Number).OrderBy(static record => record.Number)
            : records.Where(record => after is null || record.Number < after.Number).OrderByDescending(static record => record.Number);
    }

    /// <summary>The files of several documents, as each of them is told to a model.</summary>
    /// <exception cref="Http.ApiException">One of them has failed.</exception>
    public static List<DocumentContent> ContentsOf(IReadOnlyList<DocumentRecord> members)
    {
        List<DocumentContent> contents = [];
        for (int i = 0; i < members.Count; i++)
        {
            DocumentRecord member = members[i];
            if (member.State == DocumentState.Failed) throw DocumentRefusals.FailedMember($"documents[{i}]", member);
            contents.AddRange(member.IsCollection
                ? member.Contents : member.Contents.Select(content => content with { DocumentId = member.Id }));
        }
        return contents;
    }
}
