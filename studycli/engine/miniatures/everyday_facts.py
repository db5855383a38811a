"""Everyday facts: what the generated text says of ordinary things, people, places and days."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing of daily life: its name, more of them, what kind it is, where it is found, and what it does or is for."""

    name: str
    plural: str
    kind: str
    place: str
    does: tuple[str, ...]


# Name | plural | kind | where | what it does or is for; ...
_THINGS = """
kettle | kettles | kitchen tool | in the kitchen | boils water for tea; pours hot water through a spout
spoon | spoons | piece of cutlery | in the kitchen drawer | stirs soup and carries it to the mouth
fork | forks | piece of cutlery | in the kitchen drawer | holds food in place on a plate
knife | knives | tool | in the kitchen drawer | cuts bread, cheese and vegetables
pan | pans | kitchen tool | in the cupboard | fries eggs over a flame
oven | ovens | machine | in the kitchen | bakes bread and cakes with dry heat
fridge | fridges | machine | in the kitchen | keeps milk and butter cold
bowl | bowls | dish | in the cupboard | holds soup, fruit or porridge
cup | cups | dish | in the cupboard | holds tea or coffee
candle | candles | light | on the shelf | gives light while its wax burns
lamp | lamps | light | in the living room | lights a room after sunset
chair | chairs | piece of furniture | in the dining room | gives one person a seat
table | tables | piece of furniture | in the dining room | carries plates, books and elbows
bed | beds | piece of furniture | in the bedroom | gives people a place to sleep at night
pillow | pillows | cushion | in the bedroom | supports the head during sleep
blanket | blankets | cloth | in the bedroom | keeps a sleeper warm
mirror | mirrors | sheet of glass | in the bathroom | shows whoever stands before it
towel | towels | cloth | in the bathroom | dries wet hands
broom | brooms | tool | in the hallway | sweeps dust from the floor
umbrella | umbrellas | shelter | in the hallway | keeps the rain off a walker
key | keys | tool | in a pocket | opens the lock that it was made for
coat | coats | garment | in the hallway | keeps the wind out in winter
glove | gloves | garment | in the drawer | warms a hand and its fingers
boot | boots | shoe | in the hallway | keeps a foot dry in mud and snow
hat | hats | garment | in the hallway | shades the eyes and warms the head
scarf | scarves | garment | in the drawer | is wound around the neck on cold days
button | buttons | fastener | in the sewing box | closes a shirt or a coat
needle | needles | tool | in the sewing box | pulls a thread through cloth
hammer | hammers | tool | in the workshop | drives nails into wood
saw | saws | tool | in the workshop | cuts boards with its teeth
ladder | ladders | tool | in the shed | helps people reach high places
bucket | buckets | vessel | in the shed | carries water, sand or berries
spade | spades | tool | in the shed | digs holes for young trees
rope | ropes | cord | in the shed | ties a boat to the shore
clock | clocks | instrument | on the kitchen wall | tells the time of day
thermometer | thermometers | instrument | at the window | measures how warm the air is
compass | compasses | instrument | in the rucksack | points to the north with its needle
map | maps | drawing | in the rucksack | shows roads, rivers and towns
book | books | object made of paper | in the library | holds pages between two covers; waits for someone to read it
letter | letters | message | in the mailbox | carries news from one person to another
stamp | stamps | small label | at the post office | shows that the postage is paid
pencil | pencils | writing tool | on the desk | draws grey lines that can be rubbed out
notebook | notebooks | object made of paper | on the desk | keeps ideas that would be forgotten
ruler | rulers | instrument | on the desk | measures short lengths and guides a straight line
telescope | telescopes | instrument | in the observatory | makes distant stars look closer
bicycle | bicycles | vehicle | on the street | turns the push of two legs into speed
bus | buses | vehicle | on the street | takes many people along one route
train | trains | vehicle | at the station | runs on rails from town to town
tram | trams | vehicle | on the street | runs on rails through a city
ship | ships | vessel | in the harbour | carries freight across the sea
ferry | ferries | vessel | in the harbour | takes cars and people over the water
bridge | bridges | structure | over the river | lets a road cross the water
lighthouse | lighthouses | building | on the coast | warns ships of rocks at night
mill | mills | building | by the river | grinds grain into flour
bakery | bakeries | shop | in the town | sells bread that was baked before dawn
library | libraries | building | in the town | lends books to its readers
museum | museums | building | in the city | keeps old things and shows them
school | schools | building | in the town | teaches children to read and to count
dog | dogs | animal | in the garden | barks at strangers and wags its tail at friends
cat | cats | animal | on the windowsill | catches mice and sleeps in the sun
horse | horses | animal | in the meadow | pulls carts and carries riders
cow | cows | animal | in the meadow | eats grass and gives milk
sheep | sheep | animal | on the hillside | grows wool that is shorn once a year
goat | goats | animal | on the hillside | climbs steep rocks without fear
hen | hens | bird | in the farmyard | lays eggs and scratches for grain
duck | ducks | bird | on the pond | swims with webbed feet
swan | swans | bird | on the lake | glides over the water with a long, curved neck
owl | owls | bird | in the forest | hunts mostly at night and hears every rustle
swallow | swallows | bird | in the barn | flies south before the winter
stork | storks | bird | on the roof | builds a wide nest of sticks
woodpecker | woodpeckers | bird | in the forest | drums on trunks to find insects
frog | frogs | animal | in the pond | usually begins its life as a tadpole
bee | bees | insect | in the hive | gathers nectar and makes honey
ant | ants | insect | in the forest | carries loads heavier than itself
butterfly | butterflies | insect | in the meadow | was a caterpillar before it had wings
spider | spiders | animal | in a corner | has eight legs and spins silk
snail | snails | animal | in the garden | carries its house on its back
hedgehog | hedgehogs | animal | in the hedge | rolls itself into a ball of spines
squirrel | squirrels | animal | in the park | buries nuts in autumn
bat | bats | animal | in the cave | usually finds its way by echoes
whale | whales | animal | in the ocean | breathes air although it lives in the sea
dolphin | dolphins | animal | in the ocean | lives in groups and speaks in whistles and clicks
salmon | salmon | fish | in the river | swims upstream to lay its eggs
oak | oaks | tree | in the forest | grows slowly and drops acorns in autumn
birch | birches | tree | in the forest | often has white bark
pine | pines | tree | on the hillside | keeps its needles through the winter
willow | willows | tree | on the riverbank | lets its branches hang towards the water
apple | apples | fruit | in the orchard | grows on a tree and ripens until autumn
pear | pears | fruit | in the orchard | softens soon after it is picked
cherry | cherries | fruit | in the orchard | holds a single stone
lemon | lemons | fruit | in the basket | tastes sour because of its acid
strawberry | strawberries | fruit | in the garden | ripens close to the ground
carrot | carrots | vegetable | in the vegetable bed | grows underground and stores sugar
onion | onions | vegetable | in the cellar | makes eyes water when it is cut
potato | potatoes | vegetable | in the cellar | grows below the soil and stores starch
pumpkin | pumpkins | vegetable | in the vegetable bed | swells on its vine until autumn
tomato | tomatoes | fruit | in the greenhouse | usually turns red as it ripens
sunflower | sunflowers | flower | in the garden | often grows taller than a person
tulip | tulips | flower | in the garden | sprouts from a bulb in spring
mushroom | mushrooms | fungus | in the forest | often grows overnight after rain
violin | violins | instrument | in the concert hall | sings when a bow is drawn over its strings
piano | pianos | instrument | in the living room | strikes strings with small hammers
drum | drums | instrument | in the concert hall | keeps the beat for the others
flute | flutes | instrument | in the concert hall | sounds when air is blown across a hole
"""

# Full sentences about nature and the world, each true by itself.
FACTS = tuple(
    line.strip()
    for line in """
Water freezes at zero degrees Celsius and boils at one hundred at sea level.
Ice floats because it is less dense than water.
Warm air rises, and cold air sinks.
A rainbow appears when sunlight meets drops of rain.
Thunder comes after lightning because sound is slower than light.
The moon shines with light that it borrows from the sun.
The earth turns once in about twenty-four hours.
The earth needs about three hundred and sixty-five days to go around the sun.
Leaves are green because of chlorophyll.
Bread rises because yeast makes small bubbles of gas.
Salt dissolves faster in hot water than in cold water.
Iron rusts where it meets water and air.
Most wood floats on water, and most stone sinks.
A magnet attracts iron but not copper.
Sound cannot travel through empty space.
A shadow is longest when the sun is low.
Rivers flow downhill until they reach a lake or the sea.
Snow is made of many small crystals of ice.
Dew forms on the grass when the night is cool and clear.
Plants take in carbon dioxide and give off oxygen in the light.
Honey keeps for years because it holds so little water.
A triangle has three sides, and its angles add up to one hundred and eighty degrees.
A square has four equal sides.
Half of a half is a quarter.
An even number can be divided by two without a remainder.
A dozen is twelve, and a score is twenty.
There are sixty minutes in an hour and twenty-four hours in a day.
A leap year has three hundred and sixty-six days.
The heart pumps blood through the whole body.
Bones protect what is soft and give muscles something to pull.
The eye turns light into signals for the brain.
Sleep helps the brain to keep what it has learned.
A fact that is recalled today is easier to recall tomorrow.
Reviews that are spread over days last longer than one long evening.
It is easier to recognise an answer than to recall it.
Explaining a thing to a friend shows where the gaps are.
""".strip().splitlines()
)

CARRIED = (
    "apple", "ball", "basket", "book", "bottle", "box", "bread", "candle", "coin", "cup", "drum", "flute", "hammer",
    "hat", "jar", "key", "kite", "lamp", "lemon", "letter", "map", "mirror", "needle", "notebook", "pear", "pencil",
    "plate", "purse", "ring", "rope", "ruler", "scarf", "shell", "spoon", "stamp", "stone", "ticket", "towel",
    "umbrella", "violin", "watch", "whistle",
)  # fmt: skip
PEOPLE = (
    "Ada", "Amir", "Anna", "Ben", "Carla", "Chen", "Clara", "David", "Elena", "Emil", "Farah", "Felix", "Greta",
    "Hana", "Hugo", "Ines", "Ivan", "Jonas", "Julia", "Karim", "Lena", "Leo", "Lina", "Marco", "Maria", "Mira", "Nadia",
    "Noah", "Olga", "Omar", "Paul", "Petra", "Rosa", "Sami", "Sara", "Tariq", "Tom", "Vera", "Yuki", "Zoe",
)  # fmt: skip
ROOMS = (
    "attic", "barn", "bathroom", "bedroom", "cellar", "classroom", "garage", "garden", "hallway", "kitchen", "library",
    "office", "pantry", "park", "shed", "studio", "theatre", "workshop",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip


def _thing(row: str) -> Thing:
    name, plural, kind, place, does = (cell.strip() for cell in row.split("|"))
    return Thing(name, plural, kind, place, tuple(part.strip() for part in does.split(";")))


THINGS = tuple(map(_thing, _THINGS.strip().splitlines()))
