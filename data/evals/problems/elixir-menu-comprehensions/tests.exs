defmodule MenuTest do
  use ExUnit.Case, async: true

  @dishes [
    %{name: "soup", price: 4, tags: [:warm, :vegan]},
    %{name: "bread", tags: [:vegan]},
    %{name: "stew", price: 9, tags: [:warm], hot: true},
    %{name: "salad", price: 6},
    %{price: 1, tags: [:odd]}
  ]
  @drinks [%{name: "tea", price: 2}, %{name: "wine", price: 5}, %{name: "ice"}]

  test "meals" do
    assert Menu.meals(@dishes, @drinks, 11) == [
             {"soup", "tea", 6},
             {"soup", "wine", 9},
             {"stew", "tea", 11},
             {"salad", "tea", 8},
             {"salad", "wine", 11}
           ]
  end

  test "no meals" do
    assert Menu.meals(@dishes, @drinks, 5) == []
    assert Menu.meals(@dishes, [], 50) == []
    assert Menu.meals([], @drinks, 50) == []
  end

  test "by tag" do
    assert Menu.by_tag(@dishes) == %{warm: ["soup", "stew"], vegan: ["soup"]}
    assert Menu.by_tag([%{name: "x", price: 1, tags: []}]) == %{}
    more = @dishes ++ [%{name: "apple", price: 1, tags: [:vegan]}]
    assert Menu.by_tag(more).vegan == ["soup", "apple"]
  end

  test "cheapest" do
    list = [%{name: "a", price: 3}, %{name: "b", price: 1}, %{name: "a", price: 2}, %{name: "a", price: 5}]
    assert Menu.cheapest(list) == %{"a" => 2, "b" => 1}
    assert Menu.cheapest([%{name: "c"}, %{name: "d", price: 0}]) == %{"d" => 0}
    assert Menu.cheapest([]) == %{}
  end

  test "code" do
    assert Menu.code("Soup of the day, 2!") == "SOUPOFTHEDAY"
    assert Menu.code("") == ""
    assert Menu.code("123 -") == ""
  end

  test "other letters are left out" do
    assert Menu.code("Grüße aus Łódź") == "GREAUSD"
    assert Menu.code("az[AZ{`@") == "AZAZ"
  end
end
