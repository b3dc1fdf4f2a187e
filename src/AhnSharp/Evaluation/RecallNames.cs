using System;

namespace AhnSharp.Evaluation;

/// <summary>Whose codes are asked: the first names and towns of the demo's own recall chats.</summary>
internal static class RecallNames
{
    public static ReadOnlySpan<string> All => Names;

    private static readonly string[] Names =
    [
        "Adam", "Agnes", "Albert", "Alice", "Anna", "Arthur", "Athens", "Bath", "Beatrice", "Bergen", "Berlin", "Bernard",
        "Bertha", "Boris",
        "Boston", "Cairo", "Cecilia", "Charles", "Chicago", "Clara", "Conrad", "Crete", "Daniel", "David", "Delhi", "Diana",
        "Dorothy", "Dover",
        "Dublin", "Edith", "Edmund", "Edward", "Emma", "Eric", "Exeter", "Felix", "Flora", "Frances", "Francis", "Frank",
        "Geneva", "George",
        "Gertrude", "Gilbert", "Grace", "Gustav", "Hannah", "Harold", "Harriet", "Havana", "Hector", "Helen", "Henry",
        "Hugo", "Ida", "Irene",
        "Isaac", "Isabel", "Ivan", "Jacob", "James", "Jasper", "Josephine", "Judith", "Julius", "Karen", "Katherine", "Kenneth",
        "Laura", "Leeds",
        "Leo", "Leonard", "Lima", "Lisbon", "London", "Lucy", "Lydia", "Mabel", "Madrid", "Malta", "Marcus", "Margaret", "Martin", "Miriam",
        "Moscow", "Naomi", "Nathan", "Nelly", "Nora", "Olga", "Oliver", "Oscar", "Oslo", "Otto", "Owen", "Paris", "Paula",
        "Pauline", "Perth",
        "Peter", "Philip", "Prague", "Quito", "Rachel", "Ralph", "Rebecca", "Robert", "Rome", "Rosa", "Ruth", "Samuel", "Sarah",
        "Simon", "Sophia",
        "Sparta", "Stella", "Teresa", "Theodore", "Thomas", "Troy", "Tunis", "Ursula", "Venice", "Vera", "Vienna", "Vincent",
        "Violet", "Walter",
        "Winifred", "Xavier", "York", "Yvonne",
    ];
}
